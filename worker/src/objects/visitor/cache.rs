//! What this instance knows without asking SQLite: where the log ends, where the conversation stands, which sessions
//! live. It is the only one that writes there, so what it wrote it knows. A message then costs one statement.
//!
//! Keeps true: every write to what is known here goes through this file. A number that was wrong all the same could not
//! overwrite a message: it is the primary key.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::visitor::Status;
use worker::SqlStorage;

use super::limits::Arrivals;
use super::messages::{self, Appended, Draft, Question};
use super::{archive, sessions};
use crate::http::problem::Problem;
use crate::store::messages::Judgement;

/// The end of the log, and where the conversation stands.
#[derive(Clone)]
pub struct Tail {
    /// The conversation.
    pub conversation: Rc<ConversationId>,
    /// Whether the visitor has others.
    pub has_others: bool,
    /// Last sequence number.
    pub seq: Seq,
    /// Where the conversation stands.
    pub status: Status,
    /// What the last message left behind for the limits.
    pub arrivals: Arrivals,
}

/// What an instance knows.
#[derive(Default)]
pub struct Cache {
    tail: RefCell<Option<Tail>>,
    live: RefCell<HashSet<String>>,
    /// That no question waits for its answer. Whether one does takes a look at every message.
    has_no_questions: Cell<bool>,
    /// That D1 knows every judgement. As above.
    has_no_judgements: Cell<bool>,
}

impl Cache {
    /// The end of the log; nothing when nobody ever opened a session here.
    pub fn tail(&self, sql: &SqlStorage) -> Result<Option<Tail>, Problem> {
        if let Some(tail) = &*self.tail.borrow() {
            return Ok(Some(tail.clone()));
        }
        let Some(conversation) = messages::conversation(sql)? else {
            return Ok(None);
        };
        let tail = Tail {
            conversation: Rc::new(conversation.id),
            has_others: archive::count(sql)? > 0,
            seq: conversation.seq,
            status: conversation.status,
            arrivals: messages::arrivals(sql)?,
        };
        self.tail.replace(Some(tail.clone()));
        Ok(Some(tail))
    }

    /// Where the conversation stands.
    pub fn status(&self, sql: &SqlStorage) -> Result<Option<Status>, Problem> {
        Ok(self.tail(sql)?.map(|tail| tail.status))
    }

    /// Stores a draft under the next sequence number; one statement. The same id again changes nothing.
    pub fn append(&self, sql: &SqlStorage, draft: Draft) -> Result<Appended, Problem> {
        let Some(tail) = self.tail(sql)? else {
            return Err(Problem::ours("log", &"a message without a conversation"));
        };
        let arrivals = draft.arrivals;
        // Should it fail, SQLite is asked again.
        self.tail.take();
        if draft.answer_id.is_some() {
            self.has_no_questions.set(false);
        }
        let appended = messages::append(sql, draft, tail.seq.next())?;
        if let Appended::New(message) = &appended {
            self.tail.replace(Some(Tail {
                seq: message.seq,
                arrivals: arrivals.unwrap_or(tail.arrivals),
                ..tail
            }));
        }
        Ok(appended)
    }

    /// Moves the conversation. Tells whether it stood elsewhere.
    pub fn set_status(&self, sql: &SqlStorage, status: Status) -> Result<bool, Problem> {
        if self.status(sql)? == Some(status) {
            return Ok(false);
        }
        self.tail.take();
        messages::set_status(sql, status)
    }

    /// Questions without their answers, oldest first.
    pub fn unanswered(&self, sql: &SqlStorage) -> Result<Vec<Question>, Problem> {
        if self.has_no_questions.get() {
            return Ok(Vec::new());
        }
        let questions = messages::unanswered(sql)?;
        self.has_no_questions.set(questions.is_empty());
        Ok(questions)
    }

    /// Notes what the visitor says of an answer; as [`messages::judge`].
    pub fn judge(&self, sql: &SqlStorage, seq: Seq, good: bool) -> Result<Option<bool>, Problem> {
        self.has_no_judgements.set(false);
        messages::judge(sql, seq, good)
    }

    /// Judgements that D1 does not know of.
    pub fn judgements(&self, sql: &SqlStorage, limit: u32) -> Result<Vec<Judgement>, Problem> {
        if self.has_no_judgements.get() {
            return Ok(Vec::new());
        }
        let judgements = messages::judgements(sql, limit)?;
        self.has_no_judgements.set(judgements.is_empty());
        Ok(judgements)
    }

    /// Whether a session lives.
    pub fn is_live(&self, sql: &SqlStorage, family: &str) -> Result<bool, Problem> {
        if self.live.borrow().contains(family) {
            return Ok(true);
        }
        let is_live = sessions::is_live(sql, family)?;
        if is_live {
            self.live.borrow_mut().insert(family.to_owned());
        }
        Ok(is_live)
    }

    /// Sessions begin, are renewed or end.
    pub fn forget_sessions(&self) {
        self.live.borrow_mut().clear();
    }

    /// Another conversation is the current one.
    pub fn forget_conversation(&self) {
        self.tail.take();
        self.has_no_questions.set(false);
        self.has_no_judgements.set(false);
    }

    /// All of it changes.
    pub fn forget(&self) {
        self.forget_conversation();
        self.forget_sessions();
    }
}
