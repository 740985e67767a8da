//! What the team should look at: people that are waited for, answers that wait for approval, word that a visitor left.
//! This object is where an item comes up and moves; D1 has a copy ([`super::keep`]).

use oriel_shared::id::{ApiKeyId, ConversationId, ReviewId, Seq};
use oriel_shared::wire::review::{Review, ReviewKind, ReviewStatus, ReviewSubject};
use oriel_shared::wire::visitor::Lead;
use serde::Deserialize;
use worker::SqlStorage;

use super::messages::Conversation;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};
use crate::store::messages::Body;
use crate::store::reviews::{ReviewItem, ReviewStepRow};

/// Reads items: which, is the end of the statement.
macro_rules! items {
    ($sql:expr, $which:literal, $values:expr $(,)?) => {
        rows(
            $sql,
            concat!(
                "SELECT id, kind, matter, seq, status, at, updated_at, conversation_id FROM reviews ",
                $which
            ),
            $values,
        )
    };
}

impl ReviewItem {
    /// The item as the management API shows it, without its history.
    pub fn review(self, conversation: &Conversation) -> Result<Review, Problem> {
        Ok(Review {
            id: self.id,
            site: conversation.site_id.clone(),
            conversation: conversation.id.clone(),
            visitor: conversation.visitor_id.clone(),
            seq: self.seq,
            status: self.status,
            matter: serde_json::from_str(&self.matter)?,
            history: Vec::new(),
            created_at: self.at.rfc3339(),
            updated_at: self.updated_at.rfc3339(),
        })
    }
}

/// Who moves an item, and what they note.
#[derive(Default)]
pub struct By {
    /// Their key.
    pub key: Option<ApiKeyId>,
    /// Their note.
    pub note: Option<String>,
}

/// Puts something into the queue.
pub fn raise(sql: &SqlStorage, matter: &ReviewSubject, seq: Seq) -> Result<ReviewId, Problem> {
    let id = ReviewId::from_random(clock::random()?);
    write(sql, &id, matter, seq)?;
    Ok(id)
}

/// Puts what a visitor left behind into the queue, in the place of what they left in this conversation before. Tells whether it is news.
pub fn raise_lead(sql: &SqlStorage, lead: Lead, seq: Seq) -> Result<bool, Problem> {
    let kind = ReviewKind::Lead.name();
    let known: Vec<ReviewItem> = items!(
        sql,
        "WHERE kind = ? AND conversation_id = (SELECT id FROM conversation)",
        vec![kind.into()],
    )?;
    let known = known.into_iter().next();
    let matter = ReviewSubject::Lead(lead);
    if let Some(known) = &known
        && serde_json::from_str::<ReviewSubject>(&known.matter)? == matter
    {
        return Ok(false);
    }
    match known {
        Some(known) => write(sql, &known.id, &matter, seq)?,
        None => drop(raise(sql, &matter, seq)?),
    }
    Ok(true)
}

fn write(sql: &SqlStorage, id: &ReviewId, matter: &ReviewSubject, seq: Seq) -> Result<(), Problem> {
    run(
        sql,
        "INSERT INTO reviews (id, kind, matter, seq, status, at, updated_at, conversation_id)
         VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?5, (SELECT id FROM conversation))
         ON CONFLICT (id) DO UPDATE
         SET matter = excluded.matter, seq = excluded.seq, status = 'open', updated_at = excluded.at, is_kept = 0",
        vec![
            id.as_str().into(),
            matter.kind().name().into(),
            serde_json::to_string(matter)?.into(),
            int(seq.0.into()),
            int(clock::now().0),
        ],
    )?;
    note(sql, id, ReviewStatus::Open, By::default())
}

fn note(sql: &SqlStorage, id: &ReviewId, status: ReviewStatus, by: By) -> Result<(), Problem> {
    run(
        sql,
        "INSERT INTO review_steps (review_id, status, key_id, note, at) VALUES (?, ?, ?, ?, ?)",
        vec![
            id.as_str().into(),
            status.name().into(),
            by.key.map(|key| key.0).into(),
            by.note.into(),
            int(clock::now().0),
        ],
    )
}

/// An item.
pub fn find(sql: &SqlStorage, id: &ReviewId) -> Result<Option<ReviewItem>, Problem> {
    let found: Vec<ReviewItem> = items!(sql, "WHERE id = ?", vec![id.as_str().into()])?;
    Ok(found.into_iter().next())
}

/// Moves an item. To where it stands already is a note and no more.
pub fn advance(
    sql: &SqlStorage,
    id: &ReviewId,
    status: ReviewStatus,
    by: By,
) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE reviews SET status = ?2, updated_at = ?3, is_kept = 0 WHERE id = ?1",
        vec![
            id.as_str().into(),
            status.name().into(),
            int(clock::now().0),
        ],
    )?;
    note(sql, id, status, by)
}

/// Moves the escalations with the conversation: somebody has taken it over, or it is done with.
pub fn advance_escalations(sql: &SqlStorage, status: ReviewStatus) -> Result<(), Problem> {
    let open: Vec<ReviewItem> = items!(
        sql,
        "WHERE kind = 'escalation' AND status IN ('open', 'in_progress')
           AND conversation_id = (SELECT id FROM conversation)",
        vec![],
    )?;
    for item in open {
        if item.status != status {
            advance(sql, &item.id, status, By::default())?;
        }
    }
    Ok(())
}

/// Items of a conversation that D1 does not know in their present state.
pub fn unkept(
    sql: &SqlStorage,
    conversation: &ConversationId,
    limit: u32,
) -> Result<Vec<ReviewItem>, Problem> {
    items!(
        sql,
        "WHERE is_kept = 0 AND conversation_id = ? ORDER BY at, id LIMIT ?",
        vec![conversation.as_str().into(), int(limit.into())],
    )
}

/// Moves of a conversation's items that D1 does not know of, oldest first.
pub fn steps(
    sql: &SqlStorage,
    conversation: &ConversationId,
    limit: u32,
) -> Result<Vec<ReviewStepRow>, Problem> {
    rows(
        sql,
        "SELECT n, review_id, status, key_id, note, at FROM review_steps
         WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = ?) ORDER BY n LIMIT ?",
        vec![conversation.as_str().into(), int(limit.into())],
    )
}

/// What came up in a conversation is forgotten with it.
pub fn forget(sql: &SqlStorage, conversation: &ConversationId) -> Result<(), Problem> {
    for statement in [
        "DELETE FROM drafts WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = ?)",
        "DELETE FROM review_steps WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = ?)",
        "DELETE FROM reviews WHERE conversation_id = ?",
    ] {
        run(sql, statement, vec![conversation.as_str().into()])?;
    }
    Ok(())
}

/// D1 knows of these.
pub fn set_kept(
    sql: &SqlStorage,
    items: &[ReviewItem],
    steps: &[ReviewStepRow],
) -> Result<(), Problem> {
    for item in items {
        // Not if it changed while D1 was told.
        run(
            sql,
            "UPDATE reviews SET is_kept = 1 WHERE id = ? AND updated_at = ? AND status = ?",
            vec![
                item.id.as_str().into(),
                int(item.updated_at.0),
                item.status.name().into(),
            ],
        )?;
    }
    for step in steps {
        run(
            sql,
            "DELETE FROM review_steps WHERE n = ?",
            vec![int(step.n.into())],
        )?;
    }
    Ok(())
}

/// An answer that waits for approval.
#[derive(Deserialize)]
pub struct Draft {
    /// The id that the message will have.
    pub id: String,
    /// Plain text.
    pub text: String,
    /// JSON of [`Body`].
    body: String,
}

impl Draft {
    /// Rich text, sources.
    pub fn body(&self) -> Result<Body, Problem> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// Lets an answer wait. Tells whether it is the only one of the conversation that does.
pub fn hold(
    sql: &SqlStorage,
    review: &ReviewId,
    id: &str,
    text: &str,
    body: &Body,
) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    struct Count {
        n: u32,
    }
    run(
        sql,
        "INSERT INTO drafts (id, review_id, text, body) VALUES (?, ?, ?, ?)",
        vec![
            id.into(),
            review.as_str().into(),
            text.into(),
            serde_json::to_string(body)?.into(),
        ],
    )?;
    let waiting: Vec<Count> = rows(
        sql,
        "SELECT count(*) AS n FROM drafts
         WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = (SELECT id FROM conversation))",
        vec![],
    )?;
    Ok(waiting.first().is_some_and(|count| count.n == 1))
}

/// The answer of an item, while it waits.
pub fn held(sql: &SqlStorage, review: &ReviewId) -> Result<Option<Draft>, Problem> {
    let held: Vec<Draft> = rows(
        sql,
        "SELECT id, text, body FROM drafts WHERE review_id = ?",
        vec![review.as_str().into()],
    )?;
    Ok(held.into_iter().next())
}

/// It waits no longer.
pub fn release(sql: &SqlStorage, review: &ReviewId) -> Result<(), Problem> {
    run(
        sql,
        "DELETE FROM drafts WHERE review_id = ?",
        vec![review.as_str().into()],
    )
}
