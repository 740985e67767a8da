//! Conversations as the team lists them. Written by the visitors' objects, in batches that may arrive twice.

use oriel_shared::id::{ConversationId, OrgId, Seq, SiteId, UnixMs, VisitorId};
use oriel_shared::wire::admin::Conversation;
use oriel_shared::wire::visitor::Status;
use serde::Deserialize;
use worker::D1PreparedStatement;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

/// A conversation's row.
#[derive(Clone, Deserialize)]
pub struct ConversationRow {
    /// The conversation.
    pub id: ConversationId,
    /// Its site.
    pub site_id: SiteId,
    /// Its visitor, and so its object.
    pub visitor_id: VisitorId,
    /// Whether a signed token vouched for the visitor.
    pub verified: u8,
    /// Where the visitor was last, as JSON.
    pub context: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Last sequence number.
    pub seq: Seq,
    /// When it began.
    pub created_at: UnixMs,
    /// When it last changed.
    pub updated_at: UnixMs,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: row.id,
            site: row.site_id,
            visitor: row.visitor_id,
            verified: row.verified == 1,
            // Written by the visitor's object in the wire's own form.
            context: row
                .context
                .and_then(|context| serde_json::from_str(&context).ok()),
            status: row.status,
            seq: row.seq,
            created_at: row.created_at.rfc3339(),
            updated_at: row.updated_at.rfc3339(),
        }
    }
}

/// A status as rows and columns write it.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Waiting => "waiting",
        Status::Agent => "agent",
        Status::Closed => "closed",
    }
}

/// The statement that makes or renews a conversation's row.
pub fn upsert(db: &Db, org: &OrgId, row: &ConversationRow) -> Result<D1PreparedStatement, Problem> {
    db.statement(
        "INSERT INTO conversations
           (id, org_id, site_id, visitor_id, verified, status, seq, created_at, updated_at, context)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (id) DO UPDATE
           SET status = ?6, seq = max(seq, ?7), updated_at = max(updated_at, ?9), context = ?10",
        &[
            text(row.id.as_str()),
            text(org.as_str()),
            text(row.site_id.as_str()),
            text(row.visitor_id.as_str()),
            int(row.verified.into()),
            text(status_name(row.status)),
            int(row.seq.0.into()),
            int(row.created_at.0),
            int(row.updated_at.0),
            maybe(row.context.as_deref()),
        ],
    )
}

/// A conversation of an organisation, or of the one site that the caller is held to.
pub async fn find(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    id: &str,
) -> Result<Option<ConversationRow>, Problem> {
    db.first(
        "SELECT id, site_id, visitor_id, verified, status, seq, created_at, updated_at, context
         FROM conversations WHERE org_id = ?1 AND id = ?2 AND (?3 = '' OR site_id = ?3)",
        &[
            text(org.as_str()),
            text(id),
            text(only.map_or("", SiteId::as_str)),
        ],
    )
    .await
}

/// A page of conversations, last changed first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    only: Option<&str>,
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<ConversationRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        "SELECT id, site_id, visitor_id, verified, status, seq, created_at, updated_at, context
         FROM conversations
         WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND (updated_at, id) < (?3, ?4)
         ORDER BY updated_at DESC, id DESC LIMIT ?5",
        &[
            text(org.as_str()),
            text(only.unwrap_or_default()),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}
