//! What the visitor says of answers: the frame, the columns of their messages, and what D1 does not know of it.

use std::cell::Cell;

use oriel_shared::id::Seq;
use oriel_shared::wire::visitor::ServerFrame;
use worker::SqlStorage;

use super::broadcast::Broadcast;
use super::sender::Sender;
use crate::http::problem::Problem;
use crate::objects::sql::{column, int, rows, run};
use crate::store::batch::FeedbackRow;

/// Feedback on the current conversation's answers.
pub struct Feedback {
    sql: SqlStorage,
    /// That D1 knows all of it. Whether it does takes a look at every message.
    is_synced: Cell<bool>,
}

impl Feedback {
    /// Nothing is known of it yet.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            sql,
            is_synced: Cell::new(false),
        }
    }

    /// The visitor says whether an answer was good; every tab is shown. Returns whether that is news for D1.
    pub fn on_feedback(
        &self,
        broadcast: &Broadcast,
        sender: &Sender<'_>,
        seq: Seq,
        good: bool,
    ) -> Result<bool, Problem> {
        let Some(is_news) = self.set(seq, good)? else {
            let why = "is not the number of an answer of the assistant";
            broadcast.refuse(sender, Problem::field("seq", &why), None);
            return Ok(false);
        };
        if is_news {
            broadcast.send_all(&ServerFrame::Feedback { seq, good });
        }
        Ok(is_news)
    }

    /// Notes what the visitor says of an answer. Returns whether that is news; `None` when there is no such answer.
    fn set(&self, seq: Seq, good: bool) -> Result<Option<bool>, Problem> {
        self.is_synced.set(false);
        let answers: Vec<Option<u8>> = column(
            &self.sql,
            "SELECT good FROM messages WHERE seq = ? AND role = 'assistant'",
            vec![int(seq.0.into())],
        )?;
        let Some(answer) = answers.first() else {
            return Ok(None);
        };
        if *answer == Some(good.into()) {
            return Ok(Some(false));
        }
        run(
            &self.sql,
            "UPDATE messages SET good = ?2, is_feedback_synced = 0 WHERE seq = ?1",
            vec![int(seq.0.into()), int(good.into())],
        )?;
        Ok(Some(true))
    }

    /// What D1 does not know of.
    pub fn unsynced(&self, limit: u32) -> Result<Vec<FeedbackRow>, Problem> {
        if self.is_synced.get() {
            return Ok(Vec::new());
        }
        let feedback: Vec<FeedbackRow> = rows(
            &self.sql,
            "SELECT seq, good FROM messages WHERE is_feedback_synced = 0 ORDER BY seq LIMIT ?",
            vec![int(limit.into())],
        )?;
        self.is_synced.set(feedback.is_empty());
        Ok(feedback)
    }

    /// D1 knows of these.
    pub fn set_synced(&self, feedback: &[FeedbackRow]) -> Result<(), Problem> {
        for row in feedback {
            // Not if it changed on the way.
            run(
                &self.sql,
                "UPDATE messages SET is_feedback_synced = 1 WHERE seq = ? AND good = ?",
                vec![int(row.seq.0.into()), int(row.good.into())],
            )?;
        }
        Ok(())
    }

    /// What is cached is true no longer.
    pub fn invalidate(&self) {
        self.is_synced.set(false);
    }
}
