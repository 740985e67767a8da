//! Messages as the team reads them. Written by the visitors' objects, in batches that may arrive twice.

use oriel_shared::id::{ConversationId, OrgId, Seq, UnixMs};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::visitor::{Message, Offer, Role, Source};
use serde::{Deserialize, Serialize};

use super::deliveries::{self, DeliveryJob, NewEvent};
use super::reviews::{self, ReviewItem, ReviewStepRow};
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

impl TryFrom<MessageRow> for Message {
    type Error = serde_json::Error;

    fn try_from(row: MessageRow) -> Result<Self, serde_json::Error> {
        let Body {
            author,
            blocks,
            sources,
            offer,
        } = serde_json::from_str(&row.body)?;
        let MessageRow {
            seq,
            id,
            role,
            text,
            at,
            good,
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
            feedback: good.map(|good| good == 1),
            at: at.rfc3339(),
        })
    }
}

/// What a visitor's object has that D1 does not.
pub struct Batch<'b> {
    /// Where the conversation stands.
    pub conversation: &'b conversations::ConversationRow,
    /// Its next messages.
    pub messages: &'b [MessageRow],
    /// What the visitor said of answers.
    pub judgements: &'b [Judgement],
    /// Items of the queue in their present state.
    pub reviews: &'b [ReviewItem],
    /// Moves of them.
    pub steps: &'b [ReviewStepRow],
    /// What is to be told of all this.
    pub events: &'b [NewEvent],
}

/// What a visitor said of an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judgement {
    /// The answer.
    pub seq: Seq,
    /// 1 for good.
    pub good: u8,
}

/// Brings a batch into D1, whole or not at all. Doing it again changes nothing. Tells who has something to deliver now.
pub async fn keep(
    db: &Db,
    org: &OrgId,
    batch: &Batch<'_>,
    now: UnixMs,
) -> Result<Vec<DeliveryJob>, Problem> {
    let Batch {
        conversation,
        messages,
        judgements,
        ..
    } = *batch;
    let mut statements = vec![conversations::upsert(db, org, conversation)?];
    if !messages.is_empty() {
        // One statement whatever the number of rows: D1 allows 100 bound values a query.
        statements.push(db.statement(
            "INSERT INTO messages (conversation_id, seq, org_id, id, role, text, body, at)
             SELECT ?1, value ->> 'seq', ?2, value ->> 'id', value ->> 'role', value ->> 'text', value ->> 'body',
                    value ->> 'at'
             FROM json_each(?3)
             WHERE true
             ON CONFLICT (conversation_id, seq) DO NOTHING",
            &[
                text(conversation.id.as_str()),
                text(org.as_str()),
                text(&serde_json::to_string(messages)?),
            ],
        )?);
    }
    if !judgements.is_empty() {
        statements.push(db.statement(
            "UPDATE messages SET good = said.good
             FROM (SELECT value ->> 'seq' AS seq, value ->> 'good' AS good FROM json_each(?3)) AS said
             WHERE messages.org_id = ?2 AND messages.conversation_id = ?1 AND messages.seq = said.seq",
            &[
                text(conversation.id.as_str()),
                text(org.as_str()),
                text(&serde_json::to_string(judgements)?),
            ],
        )?);
    }
    if !(batch.reviews.is_empty() && batch.steps.is_empty()) {
        statements.extend(reviews::upsert(
            db,
            org,
            conversation,
            batch.reviews,
            batch.steps,
        )?);
    }
    statements.push(deliveries::enqueue(
        db,
        org,
        &conversation.site_id,
        batch.events,
        now,
    )?);
    db.batch_rows(statements).await
}

/// A page of a conversation, first to last, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    conversation: &ConversationId,
    wanted: &Wanted<u32>,
) -> Result<Vec<MessageRow>, Problem> {
    db.all(
        "SELECT seq, id, role, text, body, at, good
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
