//! A visitor over all tables: erased, or due to be.

use oriel_shared::id::{ConversationId, OrgId, SiteId, UnixMs, VisitorId};
use serde::{Deserialize, Serialize};

use super::audit::{self, NewAuditLine};
use super::{Db, int, text};
use crate::http::problem::Problem;

/// A visitor, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The tenant.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The site.
    #[serde(rename = "site_id")]
    pub site: SiteId,
    /// The visitor.
    #[serde(rename = "visitor_id")]
    pub visitor: VisitorId,
}

/// Which of a visitor's conversations are deleted.
pub enum ErasedConversations<'w> {
    /// All of them.
    All,
    /// All but the one that they began since.
    AllBut(&'w ConversationId),
    /// One of them.
    Only(&'w ConversationId),
}

/// The conversations that are erased: of the organisation ?1 and the visitor ?2, without the one ?3, and only ?4 if it
/// is not empty.
const CONVERSATIONS: &str = "SELECT id FROM conversations
   WHERE org_id = ?1 AND visitor_id = ?2 AND id <> ?3 AND (?4 = '' OR id = ?4)";

/// Deletes everything of a visitor's conversations, together or not at all, and writes a line of the audit trail. Doing
/// it again changes nothing.
///
/// A new table with something of a visitor in it belongs here; `tests/tests/visitor/own_data.rs` searches all of them.
pub async fn erase(
    db: &Db,
    org: &OrgId,
    visitor: &VisitorId,
    which: ErasedConversations<'_>,
    line: Option<&NewAuditLine<'_>>,
) -> Result<(), Problem> {
    let (but, only) = match which {
        ErasedConversations::All => ("", ""),
        ErasedConversations::AllBut(id) => (id.as_str(), ""),
        ErasedConversations::Only(id) => ("", id.as_str()),
    };
    let values = [
        text(org.as_str()),
        text(visitor.as_str()),
        text(but),
        text(only),
    ];
    let mut statements = vec![
        db.statement(
            &format!(
                "DELETE FROM deliveries WHERE org_id = ?1 AND payload ->> '$.data.conversation' IN ({CONVERSATIONS})"
            ),
            &values,
        )?,
        db.statement(
            &format!(
                "DELETE FROM review_steps WHERE org_id = ?1 AND review_id IN
                   (SELECT id FROM reviews WHERE org_id = ?1 AND conversation_id IN ({CONVERSATIONS}))"
            ),
            &values,
        )?,
        db.statement(
            &format!("DELETE FROM reviews WHERE org_id = ?1 AND conversation_id IN ({CONVERSATIONS})"),
            &values,
        )?,
        db.statement(
            &format!("DELETE FROM messages WHERE org_id = ?1 AND conversation_id IN ({CONVERSATIONS})"),
            &values,
        )?,
        // Last, since the others are found by it.
        db.statement(
            &format!("DELETE FROM conversations WHERE org_id = ?1 AND id IN ({CONVERSATIONS})"),
            &values,
        )?,
    ];
    if let Some(line) = line {
        statements.push(audit::insert(db, line)?);
    }
    db.batch(statements).await
}

/// A conversation that rests for longer than its site keeps it.
pub struct Overdue {
    /// Whose visitor it is.
    pub owner: Owner,
    /// The conversation.
    pub conversation: ConversationId,
    /// The conversation is erased if nothing was said since.
    pub until: UnixMs,
}

#[derive(Deserialize)]
struct OverdueRow {
    org_id: OrgId,
    site_id: SiteId,
    visitor_id: VisitorId,
    conversation_id: ConversationId,
    until: UnixMs,
}

impl From<OverdueRow> for Overdue {
    fn from(row: OverdueRow) -> Self {
        let OverdueRow {
            org_id: org,
            site_id: site,
            visitor_id: visitor,
            conversation_id: conversation,
            until,
        } = row;
        let owner = Owner { org, site, visitor };
        Self {
            owner,
            conversation,
            until,
        }
    }
}

/// Some of the conversations that rest for longer than their sites keep them, of every organisation: for the job that
/// erases them. In no order, so that one that cannot be erased now is not in every other's way.
pub async fn overdue(db: &Db, now: UnixMs, limit: u32) -> Result<Vec<Overdue>, Problem> {
    let rows: Vec<OverdueRow> = db
        .all(
            "SELECT org_id, site_id, visitor_id, conversation_id, until FROM (
               SELECT c.org_id, c.site_id, c.visitor_id, c.id AS conversation_id,
                      ?1 - s.retention_days * 86400000 AS until
               FROM sites AS s JOIN conversations AS c ON c.org_id = s.org_id AND c.site_id = s.id
               WHERE s.retention_days > 0 AND c.updated_at < ?1 - s.retention_days * 86400000
               LIMIT 10000
             ) ORDER BY random() LIMIT ?2",
            &[int(now.0), int(limit.into())],
        )
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
