//! Messages as the team reads them. Written by the visitors' objects, in batches ([`super::batch`]).

use oriel_shared::id::{ConversationId, OrgId, Seq, UnixMs};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::visitor::{Message, Offer, Role, Source};
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::columns::{Row, row};
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::PageRequest;

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

row! {
    /// A message's row, here and in the object.
    #[derive(Debug)]
    pub struct MessageRow {
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
        /// What the visitor said of an answer, 1 for good.
        #[serde(default)]
        pub good: Option<u8>,
    }
}

const COLUMNS: &str = MessageRow::COLUMNS;
const VALUES: &str = MessageRow::VALUES;

impl MessageRow {
    /// The message that it is the row of. `body` is what its column says.
    pub fn message(self, body: Body) -> Message {
        let Self {
            seq,
            id,
            role,
            text,
            body: _,
            at,
            good,
        } = self;
        let Body {
            author,
            blocks,
            sources,
            offer,
        } = body;
        Message {
            seq,
            id,
            role,
            author,
            text,
            blocks,
            sources,
            offer,
            feedback: good.map(|good| good == 1),
            at: at.rfc3339(),
        }
    }
}

impl TryFrom<MessageRow> for Message {
    type Error = serde_json::Error;

    fn try_from(row: MessageRow) -> Result<Self, serde_json::Error> {
        let body = serde_json::from_str(&row.body)?;
        Ok(row.message(body))
    }
}

/// The statement that adds messages of a conversation. One that is there already stays as it is.
pub fn insertion(
    db: &Db,
    org: &OrgId,
    conversation: &ConversationId,
    rows: &[MessageRow],
) -> Result<D1PreparedStatement, Problem> {
    // One statement whatever the number of rows: D1 allows 100 bound values a query.
    db.statement(
        &format!(
            "INSERT INTO messages (org_id, conversation_id, {COLUMNS}) SELECT ?1, ?2, {VALUES} FROM json_each(?3)
             WHERE true ON CONFLICT (conversation_id, seq) DO NOTHING"
        ),
        &[
            text(org.as_str()),
            text(conversation.as_str()),
            text(&serde_json::to_string(rows)?),
        ],
    )
}

/// A page of a conversation, first to last, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    conversation: &ConversationId,
    wanted: &PageRequest<u32>,
) -> Result<Vec<MessageRow>, Problem> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM messages WHERE org_id = ?1 AND conversation_id = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4"
        ),
        &[
            text(org.as_str()),
            text(conversation.as_str()),
            int(wanted.after.unwrap_or(0).into()),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}
