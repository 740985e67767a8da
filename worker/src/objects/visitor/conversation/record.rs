//! What is stored of a conversation beside its messages: the current one's row, or that of an archived one.

use oriel_shared::id::{ConversationId, OrgId, Seq, SiteId, UnixMs, VisitorId};
use oriel_shared::wire::visitor::Status;
use serde::Deserialize;
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::rows;
use crate::store::conversations::ConversationRow;
use crate::store::visitors::Owner;

/// Whose object this is, and where a conversation in it stands.
#[derive(Clone, Deserialize)]
pub struct Record {
    /// The conversation.
    pub id: ConversationId,
    /// Owner of the site.
    pub org_id: OrgId,
    /// The site.
    pub site_id: SiteId,
    /// The visitor.
    pub visitor_id: VisitorId,
    /// Whether a signed token vouched for them.
    pub verified: u8,
    /// The status.
    pub status: Status,
    /// When it began.
    pub created_at: UnixMs,
    /// Messages up to this one are in D1.
    pub synced_seq: Seq,
    /// The status in D1.
    pub synced_status: Option<Status>,
    /// What the visitor has seen.
    pub visitor_read: Seq,
    /// What the team has seen.
    pub agent_read: Seq,
    /// Where the visitor is, as the page says; JSON.
    pub context: Option<String>,
    /// Whether D1 knows.
    pub is_context_synced: u8,
    /// The language that the visitor reads the chat in, by its tag.
    pub language: String,
    /// Last sequence number.
    pub seq: Seq,
    /// When the last message was stored, or the beginning.
    pub updated_at: UnixMs,
}

impl Record {
    /// Whose visitor this is.
    pub fn owner(&self) -> Owner {
        Owner {
            org: self.org_id.clone(),
            site: self.site_id.clone(),
            visitor: self.visitor_id.clone(),
        }
    }

    /// The row that D1 has of it with the messages up to one, which was stored at `updated_at`.
    pub fn row(&self, seq: Seq, updated_at: UnixMs) -> ConversationRow {
        ConversationRow {
            id: self.id.clone(),
            site_id: self.site_id.clone(),
            visitor_id: self.visitor_id.clone(),
            verified: self.verified == 1,
            status: self.status,
            context: self.context.clone(),
            seq,
            created_at: self.created_at,
            updated_at,
        }
    }
}

/// The current conversation's; `None` when nobody ever opened a session here.
pub fn read(sql: &SqlStorage) -> Result<Option<Record>, Problem> {
    let found: Vec<Record> = rows(
        sql,
        "SELECT id, org_id, site_id, visitor_id, verified, status, created_at, synced_seq, synced_status,
                visitor_read, agent_read, context, is_context_synced, language,
                coalesce((SELECT max(seq) FROM messages), 0) AS seq,
                coalesce((SELECT at FROM messages ORDER BY seq DESC LIMIT 1), created_at) AS updated_at
         FROM conversation",
        vec![],
    )?;
    Ok(found.into_iter().next())
}
