//! Rows of the current conversation's messages.

use oriel_shared::id::{MessageId, Seq};
use oriel_shared::model::prompt::Turn;
use oriel_shared::wire::visitor::{Message, Role};
use serde::Deserialize;
use worker::SqlStorage;

use super::arrivals::Arrivals;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{column, int, is_written, rows};
use crate::store::messages::{Body, MessageRow};

/// A message that is to be stored.
pub struct NewMessage {
    /// Makes appending idempotent.
    pub id: String,
    /// Who writes it.
    pub role: Role,
    /// Plain text.
    pub text: String,
    /// Rich text, sources, offer.
    pub body: Body,
    /// For a question: the id that its answer will have.
    pub answer_id: Option<MessageId>,
    /// For a visitor's message: what it leaves behind for the limits.
    pub arrivals: Option<Arrivals>,
}

/// What became of a message.
pub enum Appended {
    /// Stored under the next sequence number.
    New(Message),
    /// It was stored before, and is as it was then.
    Known(Message),
}

/// Stores a message under the next sequence number, unless its id is there already.
pub fn insert(sql: &SqlStorage, message: NewMessage, seq: Seq) -> Result<Appended, Problem> {
    let role = match message.role {
        Role::Visitor => "visitor",
        Role::Assistant => "assistant",
        Role::Agent => "agent",
        Role::System => "system",
    };
    let row = MessageRow {
        seq,
        id: message.id,
        role: message.role,
        text: message.text,
        body: serde_json::to_string(&message.body)?,
        at: clock::now(),
        good: None,
    };
    let is_new = is_written(
        sql,
        "INSERT INTO messages (seq, id, role, text, body, at, answer_id, arrival_minute, arrival_day)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO NOTHING",
        vec![
            int(row.seq.0.into()),
            row.id.as_str().into(),
            role.into(),
            row.text.as_str().into(),
            row.body.as_str().into(),
            int(row.at.0),
            message.answer_id.map(|id| id.0).into(),
            message.arrivals.map(|arrivals| arrivals.minute.0 as i64).into(),
            message.arrivals.map(|arrivals| arrivals.day.0 as i64).into(),
        ],
    )?;
    if is_new {
        return Ok(Appended::New(row.message(message.body)));
    }
    let known = find(sql, &row.id)?;
    known
        .map(Appended::Known)
        .ok_or_else(|| Problem::ours("log", &"a message neither new nor known"))
}

/// A message by the id that its writer gave it.
pub fn find(sql: &SqlStorage, id: &str) -> Result<Option<Message>, Problem> {
    let found: Vec<MessageRow> = rows(
        sql,
        "SELECT seq, id, role, text, body, at, good FROM messages WHERE id = ?",
        vec![id.into()],
    )?;
    let message = found.into_iter().next().map(TryInto::try_into);
    Ok(message.transpose()?)
}

/// Up to `limit` rows after a sequence number, in order.
pub fn after(sql: &SqlStorage, after: Seq, limit: u32) -> Result<Vec<MessageRow>, Problem> {
    rows(
        sql,
        "SELECT seq, id, role, text, body, at, good FROM messages WHERE seq > ? ORDER BY seq LIMIT ?",
        vec![int(after.0.into()), int(limit.into())],
    )
}

/// What was written before a message, latest first: by the visitor, the assistant and the team.
pub fn turns_before(sql: &SqlStorage, seq: Seq, limit: u32) -> Result<Vec<Turn>, Problem> {
    #[derive(Deserialize)]
    struct TurnRow {
        role: Role,
        text: String,
    }
    let rows: Vec<TurnRow> = rows(
        sql,
        "SELECT role, text FROM messages WHERE seq < ? AND role <> 'system' ORDER BY seq DESC LIMIT ?",
        vec![int(seq.0.into()), int(limit.into())],
    )?;
    let turn = |row: TurnRow| Turn {
        is_visitor: row.role == Role::Visitor,
        text: row.text,
    };
    Ok(rows.into_iter().map(turn).collect())
}

/// How many of the assistant's last answers were none, counted back to the last one that was, up to `limit`.
pub fn n_doubts_in_a_row(sql: &SqlStorage, limit: u32) -> Result<u32, Problem> {
    let last: Vec<String> = column(
        sql,
        "SELECT body FROM messages WHERE role = 'assistant' ORDER BY seq DESC LIMIT ?",
        vec![int(limit.into())],
    )?;
    let mut n_doubts = 0;
    for body in last {
        if serde_json::from_str::<Body>(&body)?.offer.is_none() {
            break;
        }
        n_doubts += 1;
    }
    Ok(n_doubts)
}
