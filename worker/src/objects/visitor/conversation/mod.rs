//! The current conversation: its messages, its status, what each side has read, where the visitor is. One sequence without
//! gaps; appending is idempotent by the message's id.
//!
//! Keeps true: every write to these tables goes through this part and those in it, so that what it remembers (where the
//! log ends, what the status is, that nothing is owed) is what is stored, and a message costs one statement. A sequence
//! number that were wrong all the same could not overwrite a message: it is the primary key.

mod arrivals;
mod messages;
mod questions;
mod record;
mod stored_site;

use std::cell::RefCell;
use std::rc::Rc;

use oriel_shared::i18n::{self, Catalog, ENGLISH};
use oriel_shared::id::{ConversationId, Seq, SiteId, VisitorId};
use oriel_shared::model::prompt::Turn;
use oriel_shared::token::session::Ticket;
use oriel_shared::wire::visitor::{Message, PageContext, Role, Status};
use serde::Deserialize;
use worker::SqlStorage;

use super::feedback::Feedback;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{column, int, is_written, rows, run};
use crate::store::batch::{Batch, StatusChange};
use crate::store::conversations::status_name;
use crate::store::messages::MessageRow;

pub use arrivals::Arrivals;
pub use messages::{Appended, NewMessage};
pub use questions::{Question, Questions};
pub use record::Record;
pub use stored_site::StoredSite;

/// The tables of this part, and of [`Questions`], [`Feedback`] and [`StoredSite`], which are columns of them.
pub const TABLES: &str = "
    -- One row: whose object this is, and the current conversation.
    CREATE TABLE conversation (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        org_id TEXT NOT NULL,
        site_id TEXT NOT NULL,
        visitor_id TEXT NOT NULL,
        verified INTEGER NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        -- Messages up to this one are in D1.
        synced_seq INTEGER NOT NULL DEFAULT 0,
        -- The status in D1, to see that it changed without a message.
        synced_status TEXT,
        -- The site, and its settings as they were read last, as JSON.
        site_key TEXT NOT NULL,
        site TEXT NOT NULL,
        -- What each side has seen: the visitor on any device, a person of the team.
        visitor_read INTEGER NOT NULL DEFAULT 0,
        agent_read INTEGER NOT NULL DEFAULT 0,
        -- Where the visitor is, as the page says, and whether D1 knows.
        context TEXT,
        is_context_synced INTEGER NOT NULL DEFAULT 1,
        -- The language that the visitor reads the chat in: what the chat says is in it.
        language TEXT NOT NULL,
        -- What the conversations before this one left behind for the limits.
        arrival_minute INTEGER NOT NULL DEFAULT 0,
        arrival_day INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        -- Set for a question: the id that its answer will have, so that it is answered once.
        answer_id TEXT,
        -- The limits' arrival times, in the row of the last message that they let in: no write of their own.
        arrival_minute INTEGER,
        arrival_day INTEGER,
        -- What the visitor said of an answer, 1 for good, and whether D1 knows.
        good INTEGER,
        is_feedback_synced INTEGER NOT NULL DEFAULT 1,
        -- For a question: how often a model was called. What an instance's death cut short is not tried for ever.
        model_calls INTEGER NOT NULL DEFAULT 0
    );
    -- Each change of the status until D1 knows of it; several may fall between two batches.
    CREATE TABLE status_changes (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        status TEXT NOT NULL,
        at INTEGER NOT NULL
    );
";

/// The end of the log, and the status.
#[derive(Clone)]
pub struct Tail {
    /// The conversation.
    pub conversation: Rc<ConversationId>,
    /// Last sequence number.
    pub seq: Seq,
    /// The conversation's status.
    pub status: Status,
    /// What the last message left behind for the limits.
    pub arrivals: Arrivals,
}

/// What was there already when a session began, or is now.
#[derive(Deserialize)]
pub struct Begun {
    /// The conversation.
    pub id: ConversationId,
    /// The site.
    pub site_id: SiteId,
    /// The visitor.
    pub visitor_id: VisitorId,
    /// The site's public key.
    pub site_key: String,
    /// The site's settings as they are stored.
    pub site: String,
}

/// The current conversation.
pub struct Conversation {
    sql: SqlStorage,
    tail: RefCell<Option<Tail>>,
    /// What the assistant owes.
    pub questions: Questions,
    /// What the visitor says of answers.
    pub feedback: Feedback,
    /// The site's settings as they were read last.
    pub site: StoredSite,
}

impl Conversation {
    /// Nothing is remembered of it yet.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            tail: RefCell::default(),
            questions: Questions::new(sql.clone()),
            feedback: Feedback::new(sql.clone()),
            site: StoredSite::new(sql.clone()),
            sql,
        }
    }

    /// The visitor's first ticket makes the conversation. Later ones find it, and what is stored of the site.
    pub fn begin(&self, ticket: &Ticket, site: &str, language: &str) -> Result<Begun, Problem> {
        self.invalidate();
        let begun: Vec<Begun> = rows(
            &self.sql,
            "INSERT INTO conversation
               (only, id, org_id, site_id, visitor_id, verified, status, created_at, site_key, site, language)
             VALUES (1, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?)
             ON CONFLICT (only) DO UPDATE SET language = excluded.language
             RETURNING id, site_id, visitor_id, site_key, site",
            vec![
                ConversationId::from_random(clock::random()?).0.into(),
                ticket.org.as_str().into(),
                ticket.site.as_str().into(),
                ticket.visitor.as_str().into(),
                int(ticket.verified.into()),
                int(clock::now().0),
                ticket.key.as_str().into(),
                site.into(),
                language.into(),
            ],
        )?;
        let none = || Problem::ours("session", &"no conversation");
        begun.into_iter().next().ok_or_else(none)
    }

    /// What a session that goes on belongs to.
    pub fn begun(&self) -> Result<Begun, Problem> {
        let begun: Vec<Begun> = rows(
            &self.sql,
            "SELECT id, site_id, visitor_id, site_key, site FROM conversation",
            vec![],
        )?;
        let none = || Problem::ours("session", &"no conversation");
        begun.into_iter().next().ok_or_else(none)
    }

    /// The end of the log; `None` when nobody ever opened a session here.
    pub fn tail(&self) -> Result<Option<Tail>, Problem> {
        if let Some(tail) = &*self.tail.borrow() {
            return Ok(Some(tail.clone()));
        }
        let Some(record) = self.record()? else {
            return Ok(None);
        };
        let tail = Tail {
            conversation: Rc::new(record.id),
            seq: record.seq,
            status: record.status,
            arrivals: self.arrivals()?,
        };
        self.tail.replace(Some(tail.clone()));
        Ok(Some(tail))
    }

    /// The conversation's id.
    pub fn id(&self) -> Result<Option<Rc<ConversationId>>, Problem> {
        Ok(self.tail()?.map(|tail| tail.conversation))
    }

    /// The status.
    pub fn status(&self) -> Result<Option<Status>, Problem> {
        Ok(self.tail()?.map(|tail| tail.status))
    }

    /// All that is stored of it but its messages; `None` when nobody ever opened a session here.
    pub fn record(&self) -> Result<Option<Record>, Problem> {
        record::read(&self.sql)
    }

    /// Stores a message under the next sequence number; one statement. An id that is there already changes nothing.
    pub fn append(&self, message: NewMessage) -> Result<Appended, Problem> {
        let Some(tail) = self.tail()? else {
            return Err(Problem::ours("log", &"a message without a conversation"));
        };
        let arrivals = message.arrivals;
        // Should it fail, SQLite is asked again.
        self.tail.take();
        if message.answer_id.is_some() {
            self.questions.on_asked();
        }
        let appended = messages::insert(&self.sql, message, tail.seq.next())?;
        if let Appended::New(message) = &appended {
            self.tail.replace(Some(Tail {
                seq: message.seq,
                arrivals: arrivals.unwrap_or(tail.arrivals),
                ..tail
            }));
        }
        Ok(appended)
    }

    /// A message by the id that its writer gave it.
    pub fn find(&self, id: &str) -> Result<Option<Message>, Problem> {
        messages::find(&self.sql, id)
    }

    /// Up to `limit` messages after a sequence number, in order.
    pub fn messages_after(&self, after: Seq, limit: u32) -> Result<Vec<MessageRow>, Problem> {
        messages::after(&self.sql, after, limit)
    }

    /// What the visitor, the assistant and the team wrote before a message, latest first.
    pub fn turns_before(&self, seq: Seq, limit: u32) -> Result<Vec<Turn>, Problem> {
        messages::turns_before(&self.sql, seq, limit)
    }

    /// How many of the assistant's last answers offered a person instead, counted back to the last one that did not, up to
    /// `limit`.
    pub fn n_doubts_in_a_row(&self, limit: u32) -> Result<u32, Problem> {
        messages::n_doubts_in_a_row(&self.sql, limit)
    }

    /// Changes the status. Returns whether it was another one.
    pub fn set_status(&self, status: Status) -> Result<bool, Problem> {
        if self.status()? == Some(status) {
            return Ok(false);
        }
        self.tail.take();
        let is_changed = is_written(
            &self.sql,
            "UPDATE conversation SET status = ?1 WHERE status <> ?1",
            vec![status_name(status).into()],
        )?;
        if is_changed {
            run(
                &self.sql,
                "INSERT INTO status_changes (status, at) VALUES (?, ?)",
                vec![status_name(status).into(), int(clock::now().0)],
            )?;
        }
        Ok(is_changed)
    }

    /// Changes of the status that D1 does not know of, oldest first.
    pub fn status_changes(&self, limit: u32) -> Result<Vec<StatusChange>, Problem> {
        rows(
            &self.sql,
            "SELECT n, status, at FROM status_changes ORDER BY n LIMIT ?",
            vec![int(limit.into())],
        )
    }

    /// Notes that the visitor or the team has seen the messages up to one, of those that there are. Returns which, if that
    /// is news.
    pub fn set_read(&self, role: Role, seq: Seq) -> Result<Option<Seq>, Problem> {
        let query = match role {
            Role::Visitor => {
                "UPDATE conversation SET visitor_read = min(?1, (SELECT coalesce(max(seq), 0) FROM messages))
                 WHERE visitor_read < min(?1, (SELECT coalesce(max(seq), 0) FROM messages)) RETURNING visitor_read AS seq"
            }
            _ => {
                "UPDATE conversation SET agent_read = min(?1, (SELECT coalesce(max(seq), 0) FROM messages))
                 WHERE agent_read < min(?1, (SELECT coalesce(max(seq), 0) FROM messages)) RETURNING agent_read AS seq"
            }
        };
        let marks: Vec<Seq> = column(&self.sql, query, vec![int(seq.0.into())])?;
        Ok(marks.first().copied())
    }

    /// Notes where the visitor is. Returns whether that is news.
    pub fn set_context(&self, context: &PageContext) -> Result<bool, Problem> {
        is_written(
            &self.sql,
            "UPDATE conversation SET context = ?1, is_context_synced = 0 WHERE context IS NOT ?1",
            vec![serde_json::to_string(context)?.into()],
        )
    }

    /// What the chat says, in the visitor's language.
    pub fn sentences(&self) -> Result<&'static Catalog, Problem> {
        let query = "SELECT language FROM conversation";
        let languages: Vec<String> = column(&self.sql, query, vec![])?;
        Ok(languages.first().map_or(ENGLISH, |tag| i18n::of(tag)))
    }

    /// Remembers the language that the visitor reads the chat in.
    pub fn set_language(&self, language: &str) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE conversation SET language = ?1 WHERE language <> ?1",
            vec![language.into()],
        )
    }

    /// What the last message that was let in left behind for the limits.
    pub fn arrivals(&self) -> Result<Arrivals, Problem> {
        // Or what the conversations before this one left: arrival times only grow.
        let found: Vec<Arrivals> = rows(
            &self.sql,
            "SELECT max(its.arrival_minute, coalesce(last.arrival_minute, 0)) AS minute,
                    max(its.arrival_day, coalesce(last.arrival_day, 0)) AS day
             FROM conversation AS its LEFT JOIN messages AS last
               ON last.seq = (SELECT max(seq) FROM messages WHERE arrival_minute IS NOT NULL)",
            vec![],
        )?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// D1 has this batch.
    pub fn set_synced(&self, batch: &Batch) -> Result<(), Problem> {
        let row = &batch.conversation;
        run(
            &self.sql,
            "UPDATE conversation SET synced_seq = max(synced_seq, ?), synced_status = ?",
            vec![int(row.seq.0.into()), status_name(row.status).into()],
        )?;
        if let Some(context) = row.context.as_deref() {
            // Unless the visitor has gone elsewhere since.
            run(
                &self.sql,
                "UPDATE conversation SET is_context_synced = 1 WHERE context = ?1",
                vec![context.into()],
            )?;
        }
        if let Some(last) = batch.status_changes.last() {
            run(
                &self.sql,
                "DELETE FROM status_changes WHERE n <= ?",
                vec![int(last.n.into())],
            )?;
        }
        self.feedback.set_synced(&batch.feedback)
    }

    /// A new conversation takes the place of the current one, whose messages are stored elsewhere or erased.
    pub fn replace(&self, arrivals: Arrivals) -> Result<(), Problem> {
        self.invalidate();
        run(&self.sql, "DELETE FROM messages", vec![])?;
        run(
            &self.sql,
            "UPDATE conversation
             SET id = ?, status = 'open', created_at = ?, synced_seq = 0, synced_status = NULL, visitor_read = 0,
                 agent_read = 0, arrival_minute = ?, arrival_day = ?",
            vec![
                ConversationId::from_random(clock::random()?).0.into(),
                int(clock::now().0),
                int(arrivals.minute.0),
                int(arrivals.day.0),
            ],
        )
    }

    /// Takes an archived conversation in the place of the current one, which has no messages.
    pub fn restore(&self, id: &ConversationId) -> Result<(), Problem> {
        self.invalidate();
        for statement in [
            "INSERT INTO messages (seq, id, role, text, body, at, good)
             SELECT seq, id, role, text, body, at, good FROM archived_messages WHERE conversation_id = ?",
            "UPDATE conversation
             SET (id, status, created_at, visitor_read, agent_read, synced_status) =
                   (SELECT id, status, created_at, visitor_read, agent_read, status
                    FROM archived_conversations WHERE id = ?),
                 synced_seq = (SELECT max(seq) FROM messages)",
        ] {
            run(&self.sql, statement, vec![id.as_str().into()])?;
        }
        Ok(())
    }

    /// What D1 does not know of an erased conversation is of no use, and where the visitor was is a part of it.
    pub fn drop_unsynced(&self) -> Result<(), Problem> {
        run(&self.sql, "DELETE FROM status_changes", vec![])?;
        run(
            &self.sql,
            "UPDATE conversation SET context = NULL, is_context_synced = 1",
            vec![],
        )
    }

    /// What is cached is true no longer: another conversation is the current one, or none.
    pub fn invalidate(&self) {
        self.tail.take();
        self.questions.invalidate();
        self.feedback.invalidate();
    }
}
