//! The visitor's conversations beside the current one, whole. Whatever happens, happens in the current one; here nothing
//! but their places in the team's queue changes.
//!
//! Keeps true: what is put here is in D1 already, all of it, so that nothing here waits for the sync; what the limits
//! count stays with the current conversation. Functions that move rows do so in one turn, and so in one write.

use std::cell::Cell;

use oriel_shared::id::{ConversationId, Seq, UnixMs};
use oriel_shared::text::preview;
use oriel_shared::wire::visitor::Status;
use serde::Deserialize;
use worker::{SqlStorage, SqlStorageValue};

use super::conversation::Record;
use crate::calls::OwnConversationRow;
use crate::http::problem::Problem;
use crate::objects::sql::{column, int, rows, run};
use crate::store::messages::MessageRow;

/// The tables of this part.
pub const TABLES: &str = "
    -- The visitor's other conversations. All that is in these two is in D1.
    CREATE TABLE archived_conversations (
        id TEXT PRIMARY KEY,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        visitor_read INTEGER NOT NULL,
        agent_read INTEGER NOT NULL,
        context TEXT
    ) WITHOUT ROWID;
    CREATE TABLE archived_messages (
        conversation_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        good INTEGER,
        PRIMARY KEY (conversation_id, seq)
    ) WITHOUT ROWID;
    CREATE INDEX archived_messages_by_id ON archived_messages (id);
";

/// A visitor's conversations at the most, the current one included: more than anybody looks through, and few enough for one
/// object.
pub const CONVERSATIONS_MAX: u32 = 100;

/// Reads archived conversations: which, is the end of the statement.
macro_rules! archived {
    ($sql:expr, $which:literal, $values:expr $(,)?) => {
        rows(
            $sql,
            concat!(
                "SELECT archived.id, org_id, site_id, visitor_id, verified, archived.status, archived.created_at,
                        archived.visitor_read, archived.agent_read, archived.context, 1 AS is_context_synced, language,
                        last.seq, last.seq AS synced_seq, archived.status AS synced_status, last.at AS updated_at
                 FROM archived_conversations AS archived CROSS JOIN conversation
                 JOIN archived_messages AS last ON last.conversation_id = archived.id
                  AND last.seq = (SELECT max(seq) FROM archived_messages WHERE conversation_id = archived.id) ",
                $which
            ),
            $values,
        )
    };
}

/// The archived conversations.
pub struct Archive {
    sql: SqlStorage,
    /// How many there are, as far as this instance knows.
    n: Cell<Option<u32>>,
}

impl Archive {
    /// Nothing is known of them yet.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            sql,
            n: Cell::new(None),
        }
    }

    fn count_rows(
        &self,
        query: &'static str,
        values: Vec<SqlStorageValue>,
    ) -> Result<u32, Problem> {
        let counts: Vec<u32> = column(&self.sql, query, values)?;
        Ok(counts.first().copied().unwrap_or(0))
    }

    /// How many there are.
    pub fn count(&self) -> Result<u32, Problem> {
        if let Some(n) = self.n.get() {
            return Ok(n);
        }
        let n = self.count_rows("SELECT count(*) AS n FROM archived_conversations", vec![])?;
        self.n.set(Some(n));
        Ok(n)
    }

    /// Whether one of them holds a message of this id.
    pub fn has_message(&self, id: &str) -> Result<bool, Problem> {
        if self.count()? == 0 {
            return Ok(false);
        }
        let query = "SELECT count(*) AS n FROM archived_messages WHERE id = ?";
        Ok(self.count_rows(query, vec![id.into()])? > 0)
    }

    /// One of them.
    pub fn find(&self, id: &ConversationId) -> Result<Option<Record>, Problem> {
        let found: Vec<Record> =
            archived!(&self.sql, "WHERE archived.id = ?", vec![id.as_str().into()])?;
        Ok(found.into_iter().next())
    }

    /// One of them whose place in the team's queue has changed since D1 was told.
    pub fn unsynced(&self) -> Result<Option<Record>, Problem> {
        if self.count()? == 0 {
            return Ok(None);
        }
        let found: Vec<Record> = archived!(
            &self.sql,
            "WHERE archived.id IN (
               SELECT conversation_id FROM reviews
               WHERE is_synced = 0 OR id IN (SELECT review_id FROM review_steps)
             ) LIMIT 1",
            vec![],
        )?;
        Ok(found.into_iter().next())
    }

    /// When the last message of any of them was stored.
    pub fn updated_at(&self) -> Result<UnixMs, Problem> {
        let query = "SELECT coalesce(max(at), 0) AS at FROM archived_messages";
        let last: Vec<UnixMs> = column(&self.sql, query, vec![])?;
        Ok(last.first().copied().unwrap_or_default())
    }

    /// Up to `limit` messages of one after a sequence number, in order.
    pub fn messages_after(
        &self,
        id: &ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<MessageRow>, Problem> {
        rows(
            &self.sql,
            "SELECT seq, id, role, text, body, at, good FROM archived_messages
             WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?",
            vec![id.as_str().into(), int(after.0.into()), int(limit.into())],
        )
    }

    /// All of the visitor's conversations that have a message, the current one too; last changed first.
    pub fn list_all(&self) -> Result<Vec<OwnConversationRow>, Problem> {
        #[derive(Deserialize)]
        struct Listed {
            id: ConversationId,
            status: Status,
            at: UnixMs,
            text: String,
            is_current: u8,
        }
        // What the chat says of itself is not the last word, unless there is no other. Each is found by its place, however
        // long the conversation is.
        let listed: Vec<Listed> = rows(
            &self.sql,
            "SELECT id, status, is_current,
               coalesce((SELECT at FROM messages WHERE is_current = 1 ORDER BY seq DESC LIMIT 1),
                        (SELECT at FROM archived_messages WHERE conversation_id = its.id ORDER BY seq DESC LIMIT 1)) AS at,
               coalesce((SELECT text FROM messages WHERE is_current = 1 AND role <> 'system' ORDER BY seq DESC LIMIT 1),
                        (SELECT text FROM archived_messages WHERE conversation_id = its.id AND role <> 'system'
                         ORDER BY seq DESC LIMIT 1),
                        (SELECT text FROM messages WHERE is_current = 1 ORDER BY seq DESC LIMIT 1),
                        (SELECT text FROM archived_messages WHERE conversation_id = its.id ORDER BY seq DESC LIMIT 1))
                 AS text
             FROM (SELECT id, status, 0 AS is_current FROM archived_conversations
                   UNION ALL
                   SELECT id, status, 1 FROM conversation WHERE EXISTS (SELECT 1 FROM messages)) AS its
             ORDER BY at DESC, id DESC",
            vec![],
        )?;
        let own = listed.into_iter().map(|listed| OwnConversationRow {
            id: listed.id,
            status: listed.status,
            at: listed.at,
            preview: preview::preview(&listed.text),
            is_current: listed.is_current == 1,
        });
        Ok(own.collect())
    }

    /// Puts a copy of the current conversation here, unless it has no message: then it is as if it had never been.
    pub fn store_current(&self) -> Result<(), Problem> {
        self.invalidate();
        for statement in [
            "INSERT INTO archived_conversations (id, status, created_at, visitor_read, agent_read, context)
             SELECT id, status, created_at, visitor_read, agent_read, context FROM conversation
             WHERE EXISTS (SELECT 1 FROM messages)",
            "INSERT INTO archived_messages (conversation_id, seq, id, role, text, body, at, good)
             SELECT (SELECT id FROM conversation), seq, id, role, text, body, at, good FROM messages",
        ] {
            run(&self.sql, statement, vec![])?;
        }
        Ok(())
    }

    /// Removes one of them: it is erased, or the current one now.
    pub fn remove(&self, id: &ConversationId) -> Result<(), Problem> {
        self.invalidate();
        for statement in [
            "DELETE FROM archived_messages WHERE conversation_id = ?",
            "DELETE FROM archived_conversations WHERE id = ?",
        ] {
            run(&self.sql, statement, vec![id.as_str().into()])?;
        }
        Ok(())
    }

    /// What is cached is true no longer.
    pub fn invalidate(&self) {
        self.n.set(None);
    }
}
