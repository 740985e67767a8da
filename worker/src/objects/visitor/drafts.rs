//! Answers that wait for approval. One belongs to an item of the team's queue.

use oriel_shared::id::ReviewId;
use serde::Deserialize;
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{column, rows, run};
use crate::store::messages::Body;

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
    /// A draft of these words.
    pub fn new(id: String, text: String, body: &Body) -> Result<Self, Problem> {
        let body = serde_json::to_string(body)?;
        Ok(Self { id, text, body })
    }

    /// Rich text, sources.
    pub fn body(&self) -> Result<Body, Problem> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// The drafts.
pub struct Drafts {
    sql: SqlStorage,
}

impl Drafts {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Stores the draft of an item. Returns whether it is the only one of the current conversation.
    pub fn store(&self, review: &ReviewId, draft: Draft) -> Result<bool, Problem> {
        run(
            &self.sql,
            "INSERT INTO drafts (id, review_id, text, body) VALUES (?, ?, ?, ?)",
            vec![
                draft.id.into(),
                review.as_str().into(),
                draft.text.into(),
                draft.body.into(),
            ],
        )?;
        let waiting: Vec<u32> = column(
            &self.sql,
            "SELECT count(*) AS n FROM drafts
             WHERE review_id IN
               (SELECT id FROM reviews WHERE conversation_id = (SELECT id FROM conversation))",
            vec![],
        )?;
        Ok(waiting == [1])
    }

    /// The draft of an item, while it waits.
    pub fn find(&self, review: &ReviewId) -> Result<Option<Draft>, Problem> {
        let found: Vec<Draft> = rows(
            &self.sql,
            "SELECT id, text, body FROM drafts WHERE review_id = ?",
            vec![review.as_str().into()],
        )?;
        Ok(found.into_iter().next())
    }

    /// It was decided on.
    pub fn remove(&self, review: &ReviewId) -> Result<(), Problem> {
        run(
            &self.sql,
            "DELETE FROM drafts WHERE review_id = ?",
            vec![review.as_str().into()],
        )
    }
}
