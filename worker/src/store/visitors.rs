//! What is known of a visitor, over all tables.

use oriel_shared::id::{ConversationId, OrgId, VisitorId};

use super::audit::{self, NewLine};
use super::{Db, text};
use crate::http::problem::Problem;

/// Deletes everything of a visitor but the conversation that they began since, together or not at all, and writes the
/// line that says so. Doing it again changes nothing.
///
/// A new table with something of a visitor in it belongs here; `tests/tests/rights.rs` searches all of them.
pub async fn erase(
    db: &Db,
    org: &OrgId,
    visitor: &VisitorId,
    but: Option<&ConversationId>,
    line: Option<&NewLine<'_>>,
) -> Result<(), Problem> {
    let values = [
        text(org.as_str()),
        text(visitor.as_str()),
        text(but.map_or("", ConversationId::as_str)),
    ];
    let mut statements = Vec::new();
    for statement in [
        "DELETE FROM deliveries WHERE org_id = ?1 AND payload ->> '$.data.conversation' IN
           (SELECT id FROM conversations WHERE org_id = ?1 AND visitor_id = ?2 AND id <> ?3)",
        "DELETE FROM review_steps WHERE org_id = ?1 AND review_id IN
           (SELECT r.id FROM reviews AS r JOIN conversations AS c ON c.org_id = r.org_id AND c.id = r.conversation_id
            WHERE c.org_id = ?1 AND c.visitor_id = ?2 AND c.id <> ?3)",
        "DELETE FROM reviews WHERE org_id = ?1 AND conversation_id IN
           (SELECT id FROM conversations WHERE org_id = ?1 AND visitor_id = ?2 AND id <> ?3)",
        "DELETE FROM messages WHERE org_id = ?1 AND conversation_id IN
           (SELECT id FROM conversations WHERE org_id = ?1 AND visitor_id = ?2 AND id <> ?3)",
        "DELETE FROM conversations WHERE org_id = ?1 AND visitor_id = ?2 AND id <> ?3",
    ] {
        statements.push(db.statement(statement, &values)?);
    }
    if let Some(line) = line {
        statements.push(audit::insert(db, line)?);
    }
    db.batch(statements).await
}
