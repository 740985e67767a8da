//! The visitor's other conversations. The tables that every rule of the log works on hold the current one; here the others
//! rest, whole.
//!
//! Keeps true: what is put here is in D1 already, all of it, so that nothing here has to be kept any more; what the
//! limits count stays with the current conversation. Functions that move rows do so in one turn, and so in one write.

use oriel_shared::id::{ConversationId, Seq, UnixMs};
use oriel_shared::text::preview;
use serde::Deserialize;
use worker::{SqlStorage, SqlStorageValue};

use super::limits::Arrivals;
use super::messages::{self, Conversation};
use crate::calls::OwnRow;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};
use crate::store::messages::MessageRow;

/// A visitor's conversations at the most, the current one included: more than anybody looks through, and few enough for one
/// object.
pub const CONVERSATIONS_MAX: u32 = 100;

#[derive(Deserialize)]
struct Count {
    n: u32,
}

fn count_of(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<u32, Problem> {
    let counts: Vec<Count> = rows(sql, query, values)?;
    Ok(counts.first().map_or(0, |count| count.n))
}

/// How many rest here.
pub fn count(sql: &SqlStorage) -> Result<u32, Problem> {
    count_of(
        sql,
        "SELECT count(*) AS n FROM archived_conversations",
        vec![],
    )
}

/// Whether one of those that rest here holds a message of this id.
pub fn has_message(sql: &SqlStorage, id: &str) -> Result<bool, Problem> {
    let query = "SELECT count(*) AS n FROM archived_messages WHERE id = ?";
    Ok(count_of(sql, query, vec![id.into()])? > 0)
}

/// Reads those that rest here: which, is the end of the statement.
macro_rules! some {
    ($sql:expr, $which:literal, $values:expr $(,)?) => {
        rows(
            $sql,
            concat!(
                "SELECT archived_conversations.id, org_id, site_id, visitor_id, verified, archived_conversations.status, archived_conversations.created_at,
                        archived_conversations.visitor_read, archived_conversations.agent_read, archived_conversations.context, 1 AS is_context_kept, language,
                        last.seq, last.seq AS kept_seq, archived_conversations.status AS kept_status, last.at AS updated_at
                 FROM archived_conversations CROSS JOIN conversation
                 JOIN archived_messages AS last ON last.conversation_id = archived_conversations.id
                  AND last.seq = (SELECT max(seq) FROM archived_messages WHERE conversation_id = archived_conversations.id) ",
                $which
            ),
            $values,
        )
    };
}

/// One of those that rest here.
pub fn find(sql: &SqlStorage, id: &ConversationId) -> Result<Option<Conversation>, Problem> {
    let found: Vec<Conversation> = some!(
        sql,
        "WHERE archived_conversations.id = ?",
        vec![id.as_str().into()]
    )?;
    Ok(found.into_iter().next())
}

/// One of those that rest here, whose place in the team's queue has moved since D1 was told.
pub fn unkept(sql: &SqlStorage) -> Result<Option<Conversation>, Problem> {
    let found: Vec<Conversation> = some!(
        sql,
        "WHERE archived_conversations.id IN (
           SELECT conversation_id FROM reviews
           WHERE is_kept = 0 OR id IN (SELECT review_id FROM review_steps)
         ) LIMIT 1",
        vec![],
    )?;
    Ok(found.into_iter().next())
}

/// When something was said last in any of those that rest here.
pub fn updated_at(sql: &SqlStorage) -> Result<UnixMs, Problem> {
    #[derive(Deserialize)]
    struct Last {
        at: UnixMs,
    }
    let query = "SELECT coalesce(max(at), 0) AS at FROM archived_messages";
    let last: Vec<Last> = rows(sql, query, vec![])?;
    Ok(last.first().map_or(UnixMs(0), |last| last.at))
}

/// Up to `limit` rows of one after a sequence number, in order.
pub fn rows_after(
    sql: &SqlStorage,
    id: &ConversationId,
    after: Seq,
    limit: u32,
) -> Result<Vec<MessageRow>, Problem> {
    rows(
        sql,
        "SELECT seq, id, role, text, body, at, good FROM archived_messages
         WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?",
        vec![id.as_str().into(), int(after.0.into()), int(limit.into())],
    )
}

/// All of the visitor's conversations in which something was said, the current one too; last changed first.
pub fn list(sql: &SqlStorage) -> Result<Vec<OwnRow>, Problem> {
    #[derive(Deserialize)]
    struct Listed {
        id: ConversationId,
        status: oriel_shared::wire::visitor::Status,
        at: UnixMs,
        text: String,
        is_current: u8,
    }
    // What the chat says of itself is nobody's last word, unless there is no other. Each is found by its place, however long
    // the conversation is.
    let listed: Vec<Listed> = rows(
        sql,
        "SELECT id, status, is_current,
           coalesce((SELECT at FROM messages WHERE is_current = 1 ORDER BY seq DESC LIMIT 1),
                    (SELECT at FROM archived_messages WHERE conversation_id = its.id ORDER BY seq DESC LIMIT 1)) AS at,
           coalesce((SELECT text FROM messages WHERE is_current = 1 AND role <> 'system' ORDER BY seq DESC LIMIT 1),
                    (SELECT text FROM archived_messages WHERE conversation_id = its.id AND role <> 'system'
                     ORDER BY seq DESC LIMIT 1),
                    (SELECT text FROM messages WHERE is_current = 1 ORDER BY seq DESC LIMIT 1),
                    (SELECT text FROM archived_messages WHERE conversation_id = its.id ORDER BY seq DESC LIMIT 1)) AS text
         FROM (SELECT id, status, 0 AS is_current FROM archived_conversations
               UNION ALL
               SELECT id, status, 1 FROM conversation WHERE EXISTS (SELECT 1 FROM messages)) AS its
         ORDER BY at DESC, id DESC",
        vec![],
    )?;
    let own = listed.into_iter().map(|listed| OwnRow {
        id: listed.id,
        status: listed.status,
        at: listed.at,
        preview: preview::preview(&listed.text),
        is_current: listed.is_current == 1,
    });
    Ok(own.collect())
}

/// The current conversation goes to rest, unless nothing was said in it: then it is as if it had never been. A new one, or
/// `next` of those that rest here, is the current one from now on.
pub fn change(
    sql: &SqlStorage,
    next: Option<&ConversationId>,
    arrivals: Arrivals,
) -> Result<(), Problem> {
    for put_away in [
        "INSERT INTO archived_conversations (id, status, created_at, visitor_read, agent_read, context)
         SELECT id, status, created_at, visitor_read, agent_read, context FROM conversation
         WHERE EXISTS (SELECT 1 FROM messages)",
        "INSERT INTO archived_messages (conversation_id, seq, id, role, text, body, at, good)
         SELECT (SELECT id FROM conversation), seq, id, role, text, body, at, good FROM messages",
    ] {
        run(sql, put_away, vec![])?;
    }
    begin(sql, arrivals)?;
    let Some(next) = next else {
        return Ok(());
    };
    for take_down in [
        "INSERT INTO messages (seq, id, role, text, body, at, good)
         SELECT seq, id, role, text, body, at, good FROM archived_messages WHERE conversation_id = ?",
        "UPDATE conversation
         SET (id, status, created_at, visitor_read, agent_read, kept_status) =
               (SELECT id, status, created_at, visitor_read, agent_read, status FROM archived_conversations WHERE id = ?),
             kept_seq = (SELECT max(seq) FROM messages)",
    ] {
        run(sql, take_down, vec![next.as_str().into()])?;
    }
    drop(sql, next)
}

/// The current conversation's place is empty: a new one takes it.
pub fn begin(sql: &SqlStorage, arrivals: Arrivals) -> Result<(), Problem> {
    run(sql, "DELETE FROM messages", vec![])?;
    run(
        sql,
        "UPDATE conversation
         SET id = ?, status = 'open', created_at = ?, kept_seq = 0, kept_status = NULL, visitor_read = 0, agent_read = 0,
             arrival_minute = ?, arrival_day = ?",
        vec![
            ConversationId::from_random(clock::random()?).0.into(),
            int(clock::now().0),
            int(arrivals.minute.0),
            int(arrivals.day.0),
        ],
    )
}

/// One of those that rest here is here no more.
pub fn drop(sql: &SqlStorage, id: &ConversationId) -> Result<(), Problem> {
    for statement in [
        "DELETE FROM archived_messages WHERE conversation_id = ?",
        "DELETE FROM archived_conversations WHERE id = ?",
    ] {
        run(sql, statement, vec![id.as_str().into()])?;
    }
    Ok(())
}

/// Whether D1 has all of the current conversation.
pub fn is_kept(conversation: &Conversation, sql: &SqlStorage) -> Result<bool, Problem> {
    let is_settled = conversation
        .kept_status
        .is_none_or(|kept| kept == conversation.status);
    Ok(conversation.kept_seq == conversation.seq
        && is_settled
        && messages::moves(sql, 1)?.is_empty()
        && messages::judgements(sql, 1)?.is_empty())
}
