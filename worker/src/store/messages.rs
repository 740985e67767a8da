//! Messages as the team reads them. Written by the visitors' objects, in batches that may arrive twice.

use oriel_shared::id::{ConversationId, OrgId, Seq, UnixMs};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::visitor::{Message, Offer, Role, Source};
use serde::{Deserialize, Serialize};

use super::deliveries::{self, Errand, NewEvent};
use super::{Db, conversations, int, text};
use crate::http::problem::Problem;
use crate::http::query::Wanted;

/// What a message holds beside its plain text, as one JSON column here and in the object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Body {
    /// The name of the person who says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The words as rich text.
    pub blocks: Vec<Block>,
    /// What the answer rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What the visitor might do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
}

/// A message's row, here and in the object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Place in the conversation.
    pub seq: Seq,
    /// Made by whoever wrote it.
    pub id: String,
    /// Who wrote it.
    pub role: Role,
    /// Plain text.
    pub text: String,
    /// [`Body`] as JSON.
    pub body: String,
    /// When it was stored.
    pub at: UnixMs,
}

impl TryFrom<Row> for Message {
    type Error = serde_json::Error;

    fn try_from(row: Row) -> Result<Self, serde_json::Error> {
        let Body {
            author,
            blocks,
            sources,
            offer,
        } = serde_json::from_str(&row.body)?;
        let Row {
            seq,
            id,
            role,
            text,
            at,
            ..
        } = row;
        Ok(Self {
            seq,
            id,
            role,
            author,
            text,
            blocks,
            sources,
            offer,
            at: at.rfc3339(),
        })
    }
}

/// Brings a conversation, its next messages and what is to be told of them into D1, together or not at all. Doing it
/// again changes nothing. Tells who has something to deliver now.
pub async fn keep(
    db: &Db,
    org: &OrgId,
    conversation: &conversations::Row,
    rows: &[Row],
    events: &[NewEvent],
    now: UnixMs,
) -> Result<Vec<Errand>, Problem> {
    // One statement whatever the number of rows: D1 allows 100 bound values a query.
    let messages = db.statement(
        "INSERT INTO messages (conversation_id, seq, org_id, id, role, text, body, at)
         SELECT ?1, value ->> 'seq', ?2, value ->> 'id', value ->> 'role', value ->> 'text', value ->> 'body',
                value ->> 'at'
         FROM json_each(?3)
         WHERE true
         ON CONFLICT (conversation_id, seq) DO NOTHING",
        &[text(conversation.id.as_str()), text(org.as_str()), text(&serde_json::to_string(rows)?)],
    )?;
    db.batch_rows(vec![
        conversations::upsert(db, org, conversation)?,
        messages,
        deliveries::enqueue(db, org, &conversation.site_id, events, now)?,
    ])
    .await
}

/// A page of a conversation, first to last, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    conversation: &ConversationId,
    wanted: &Wanted<u32>,
) -> Result<Vec<Row>, Problem> {
    db.all(
        "SELECT seq, id, role, text, body, at
         FROM messages WHERE org_id = ?1 AND conversation_id = ?2 AND seq > ?3
         ORDER BY seq LIMIT ?4",
        &[
            text(org.as_str()),
            text(conversation.as_str()),
            int(wanted.after.unwrap_or(0).into()),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}
