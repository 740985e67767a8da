//! Conversations as the team lists them. Written by the visitors' objects, in batches that may arrive twice.

use oriel_shared::id::{ConversationId, OrgId, Seq, SiteId, UnixMs, VisitorId};
use oriel_shared::wire::admin::Conversation;
use oriel_shared::wire::visitor::Status;
use worker::D1PreparedStatement;

use super::columns::{Row, flag, row};
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

row! {
    /// A conversation's row.
    pub struct ConversationRow {
        /// The conversation.
        pub id: ConversationId,
        /// Its site.
        pub site_id: SiteId,
        /// Its visitor, and so its object.
        pub visitor_id: VisitorId,
        /// Whether a signed token vouched for the visitor.
        #[serde(with = "flag")]
        pub verified: bool,
        /// Where the visitor was last, as JSON in the wire's own form, which the visitor's object wrote.
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
}

const COLUMNS: &str = ConversationRow::COLUMNS;
const VALUES: &str = ConversationRow::VALUES;
const EXCLUDED: &str = ConversationRow::EXCLUDED;

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        let ConversationRow {
            id,
            site_id,
            visitor_id,
            verified,
            context,
            status,
            seq,
            created_at,
            updated_at,
        } = row;
        Self {
            id,
            site: site_id,
            visitor: visitor_id,
            verified,
            context: context.and_then(|context| serde_json::from_str(&context).ok()),
            status,
            seq,
            created_at: created_at.rfc3339(),
            updated_at: updated_at.rfc3339(),
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

/// The statement that makes or renews a conversation's row. One that arrives late does not turn it back: of a column
/// that is set twice, SQLite takes the last value.
pub fn upsert(db: &Db, org: &OrgId, row: &ConversationRow) -> Result<D1PreparedStatement, Problem> {
    db.statement(
        &format!(
            "INSERT INTO conversations (org_id, {COLUMNS}) SELECT ?1, {VALUES} FROM json_each(?2) WHERE true
             ON CONFLICT (id) DO UPDATE
             SET {EXCLUDED}, seq = max(seq, excluded.seq), updated_at = max(updated_at, excluded.updated_at)"
        ),
        &[text(org.as_str()), text(&serde_json::to_string(&[row])?)],
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
        &format!(
            "SELECT {COLUMNS} FROM conversations WHERE org_id = ?1 AND id = ?2 AND (?3 = '' OR site_id = ?3)"
        ),
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
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<ConversationRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM conversations
             WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND (updated_at, id) < (?3, ?4)
             ORDER BY updated_at DESC, id DESC LIMIT ?5"
        ),
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

/// The conversations of a visitor of an organisation, or of the one site that the caller is held to; first to last.
pub async fn of_visitor(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    visitor: &str,
) -> Result<Vec<ConversationRow>, Problem> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM conversations WHERE org_id = ?1 AND visitor_id = ?2 AND (?3 = '' OR site_id = ?3)
             ORDER BY created_at, id"
        ),
        &[
            text(org.as_str()),
            text(visitor),
            text(only.map_or("", SiteId::as_str)),
        ],
    )
    .await
}
