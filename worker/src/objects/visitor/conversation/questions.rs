//! Questions that the assistant has still to answer. One is a message with the id of the answer to come.

use std::cell::Cell;

use oriel_shared::id::Seq;
use serde::Deserialize;
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{column, int, rows, run};

/// A visitor's message that the assistant has still to answer.
#[derive(Clone, Deserialize)]
pub struct Question {
    /// Its place.
    pub seq: Seq,
    /// The words.
    pub text: String,
    /// The id that its answer will have.
    pub answer_id: String,
}

/// The current conversation's questions.
pub struct Questions {
    sql: SqlStorage,
    /// That none waits. Whether one does takes a look at every message.
    are_all_answered: Cell<bool>,
}

impl Questions {
    /// Nothing is known of them yet.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            sql,
            are_all_answered: Cell::new(false),
        }
    }

    /// One was stored.
    pub fn on_asked(&self) {
        self.are_all_answered.set(false);
    }

    /// Those without their answers, oldest first.
    pub fn unanswered(&self) -> Result<Vec<Question>, Problem> {
        if self.are_all_answered.get() {
            return Ok(Vec::new());
        }
        let questions: Vec<Question> = rows(
            &self.sql,
            "SELECT seq, text, answer_id FROM messages AS question
             WHERE answer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages WHERE id = question.answer_id)
               AND NOT EXISTS (SELECT 1 FROM drafts WHERE id = question.answer_id)
             ORDER BY seq",
            vec![],
        )?;
        self.are_all_answered.set(questions.is_empty());
        Ok(questions)
    }

    /// Whether a question still waits for its answer.
    pub fn is_unanswered(&self, question: &Question) -> Result<bool, Problem> {
        let found: Vec<u8> = column(
            &self.sql,
            "SELECT 1 AS found FROM messages
             WHERE seq = ?1 AND answer_id = ?2 AND NOT EXISTS (SELECT 1 FROM messages WHERE id = ?2)
               AND NOT EXISTS (SELECT 1 FROM drafts WHERE id = ?2)",
            vec![
                int(question.seq.0.into()),
                question.answer_id.as_str().into(),
            ],
        )?;
        Ok(!found.is_empty())
    }

    /// Nobody waits for the assistant any more: a person has the conversation.
    pub fn drop_all(&self) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE messages SET answer_id = NULL
             WHERE answer_id IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM messages AS answer WHERE answer.id = messages.answer_id)",
            vec![],
        )
    }

    /// One is not answered: the visitor stopped the answer before its first word.
    pub fn drop_one(&self, seq: Seq) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE messages SET answer_id = NULL WHERE seq = ?",
            vec![int(seq.0.into())],
        )
    }

    /// Counts a call of a model for an answer, before it is made. Returns which one it is.
    pub fn count_model_call(&self, answer_id: &str) -> Result<u32, Problem> {
        let calls: Vec<u32> = column(
            &self.sql,
            "UPDATE messages SET model_calls = model_calls + 1 WHERE answer_id = ? RETURNING model_calls AS n",
            vec![answer_id.into()],
        )?;
        Ok(calls.first().copied().unwrap_or(u32::MAX))
    }

    /// What is cached is true no longer.
    pub fn invalidate(&self) {
        self.are_all_answered.set(false);
    }
}
