//! The conversation's log: one sequence, no gaps; appending is idempotent by the message's id.

use oriel_shared::i18n::{self, Catalog, ENGLISH};
use oriel_shared::id::{ConversationId, MessageId, OrgId, Seq, SiteId, UnixMs, VisitorId};
use oriel_shared::model::prompt::Turn;
use oriel_shared::wire::visitor::{Message, PageContext, Role, Status};
use serde::Deserialize;
use worker::SqlStorage;

use super::limits::Arrivals;
use crate::calls::Settings;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{int, is_written, rows, run};
use crate::store::conversations::status_name;
use crate::store::messages::{Body, Judgement, MessageRow};

/// Whose object this is, and where its conversation stands.
#[derive(Clone, Deserialize)]
pub struct Conversation {
    /// The conversation.
    pub id: ConversationId,
    /// Owner of the site.
    pub org_id: OrgId,
    /// The site.
    pub site_id: SiteId,
    /// The visitor.
    pub visitor_id: VisitorId,
    /// Whether a signed token vouched for them.
    pub verified: u8,
    /// Where it stands.
    pub status: Status,
    /// When it began.
    pub created_at: UnixMs,
    /// Messages up to this one are in D1.
    pub kept_seq: Seq,
    /// The status in D1.
    pub kept_status: Option<Status>,
    /// What the visitor has seen.
    pub visitor_read: Seq,
    /// What the team has seen.
    pub agent_read: Seq,
    /// What the page told of where the visitor is, as JSON.
    pub context: Option<String>,
    /// Whether D1 knows.
    pub is_context_kept: u8,
    /// The language that the visitor reads the chat in, by its tag.
    pub language: String,
    /// Last sequence number.
    pub seq: Seq,
    /// When the last message was stored, or the beginning.
    pub updated_at: UnixMs,
}

/// The conversation, unless nobody ever opened a session here.
pub fn conversation(sql: &SqlStorage) -> Result<Option<Conversation>, Problem> {
    let found: Vec<Conversation> = rows(
        sql,
        "SELECT id, org_id, site_id, visitor_id, verified, status, created_at, kept_seq, kept_status,
                visitor_read, agent_read, context, is_context_kept, language,
                coalesce((SELECT max(seq) FROM messages), 0) AS seq,
                coalesce((SELECT at FROM messages ORDER BY seq DESC LIMIT 1), created_at) AS updated_at
         FROM conversation",
        vec![],
    )?;
    Ok(found.into_iter().next())
}

/// The site's settings as they were told last.
pub fn settings(sql: &SqlStorage) -> Result<Option<Settings>, Problem> {
    #[derive(Deserialize)]
    struct Told {
        settings: String,
    }
    let found: Vec<Told> = rows(sql, "SELECT settings FROM conversation", vec![])?;
    let told = found.first();
    Ok(told
        .map(|told| serde_json::from_str(&told.settings))
        .transpose()?)
}

/// Notes that the visitor or the team has seen the messages up to one, of those that there are. Tells which, if that is
/// news.
pub fn set_read(sql: &SqlStorage, role: Role, seq: Seq) -> Result<Option<Seq>, Problem> {
    #[derive(Deserialize)]
    struct Moved {
        seq: Seq,
    }
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
    let moved: Vec<Moved> = rows(sql, query, vec![int(seq.0.into())])?;
    Ok(moved.first().map(|moved| moved.seq))
}

/// Notes where the visitor is. Tells whether that is news.
pub fn set_context(sql: &SqlStorage, context: &PageContext) -> Result<bool, Problem> {
    is_written(
        sql,
        "UPDATE conversation SET context = ?1, is_context_kept = 0 WHERE context IS NOT ?1",
        vec![serde_json::to_string(context)?.into()],
    )
}

/// Where the visitor was is of a conversation whose time is over.
pub fn forget_context(sql: &SqlStorage) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE conversation SET context = NULL, is_context_kept = 1",
        vec![],
    )
}

/// D1 knows where the visitor is, unless they have gone elsewhere since.
pub fn set_context_kept(sql: &SqlStorage, context: Option<&str>) -> Result<(), Problem> {
    match context {
        None => Ok(()),
        Some(context) => run(
            sql,
            "UPDATE conversation SET is_context_kept = 1 WHERE context = ?1",
            vec![context.into()],
        ),
    }
}

/// Something to be said.
pub struct Draft {
    /// Makes appending idempotent.
    pub id: String,
    /// Who says it.
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

/// What became of a draft.
pub enum Appended {
    /// Stored under the next sequence number.
    New(Message),
    /// It was stored before, and is as it was then.
    Known(Message),
}

/// Stores a draft under a sequence number, the next one; one statement. The same id again changes nothing.
pub fn append(sql: &SqlStorage, draft: Draft, seq: Seq) -> Result<Appended, Problem> {
    let role = match draft.role {
        Role::Visitor => "visitor",
        Role::Assistant => "assistant",
        Role::Agent => "agent",
        Role::System => "system",
    };
    let at = clock::now();
    let is_new = is_written(
        sql,
        "INSERT INTO messages (seq, id, role, text, body, at, answer_id, arrival_minute, arrival_day)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO NOTHING",
        vec![
            int(seq.0.into()),
            draft.id.as_str().into(),
            role.into(),
            draft.text.as_str().into(),
            serde_json::to_string(&draft.body)?.into(),
            int(at.0),
            draft.answer_id.map(|id| id.0).into(),
            draft.arrivals.map(|arrivals| arrivals.minute.0 as i64).into(),
            draft.arrivals.map(|arrivals| arrivals.day.0 as i64).into(),
        ],
    )?;
    if is_new {
        let Body {
            author,
            blocks,
            sources,
            offer,
        } = draft.body;
        return Ok(Appended::New(Message {
            seq,
            id: draft.id,
            role: draft.role,
            author,
            text: draft.text,
            blocks,
            sources,
            offer,
            feedback: None,
            at: at.rfc3339(),
        }));
    }
    let known = find(sql, &draft.id)?;
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
    Ok(found
        .into_iter()
        .next()
        .map(TryInto::try_into)
        .transpose()?)
}

/// What the last message that was let in left behind for the limits.
pub fn arrivals(sql: &SqlStorage) -> Result<Arrivals, Problem> {
    // Or what the conversations before this one left: arrival times only grow.
    let found: Vec<Arrivals> = rows(
        sql,
        "SELECT max(its.arrival_minute, coalesce(last.arrival_minute, 0)) AS minute,
                max(its.arrival_day, coalesce(last.arrival_day, 0)) AS day
         FROM conversation AS its LEFT JOIN messages AS last
           ON last.seq = (SELECT max(seq) FROM messages WHERE arrival_minute IS NOT NULL)",
        vec![],
    )?;
    Ok(found.into_iter().next().unwrap_or_default())
}

/// What is said to the visitor, in the language of the conversation.
pub fn sentences(sql: &SqlStorage) -> Result<&'static Catalog, Problem> {
    #[derive(Deserialize)]
    struct Spoken {
        language: String,
    }
    let found: Vec<Spoken> = rows(sql, "SELECT language FROM conversation", vec![])?;
    let spoken = found.into_iter().next();
    Ok(spoken.map_or(ENGLISH, |spoken| i18n::of(&spoken.language)))
}

/// Remembers the language that the visitor reads the chat in.
pub fn set_language(sql: &SqlStorage, language: &str) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE conversation SET language = ?1 WHERE language <> ?1",
        vec![language.into()],
    )
}

/// Remembers the site's settings.
pub fn set_settings(sql: &SqlStorage, settings: &Settings) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE conversation SET settings = ?",
        vec![serde_json::to_string(settings)?.into()],
    )
}

/// Up to `limit` rows after a sequence number, in order.
pub fn rows_after(sql: &SqlStorage, after: Seq, limit: u32) -> Result<Vec<MessageRow>, Problem> {
    rows(
        sql,
        "SELECT seq, id, role, text, body, at, good FROM messages WHERE seq > ? ORDER BY seq LIMIT ?",
        vec![int(after.0.into()), int(limit.into())],
    )
}

/// A visitor's message that the assistant still owes an answer.
#[derive(Clone, Deserialize)]
pub struct Question {
    /// Its place.
    pub seq: Seq,
    /// The words.
    pub text: String,
    /// The id that its answer will have.
    pub answer_id: String,
}

/// Questions of the current conversation without their answers, oldest first.
pub fn unanswered(sql: &SqlStorage) -> Result<Vec<Question>, Problem> {
    rows(
        sql,
        "SELECT seq, text, answer_id FROM messages AS question
         WHERE answer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages WHERE id = question.answer_id)
           AND NOT EXISTS (SELECT 1 FROM drafts WHERE id = question.answer_id)
         ORDER BY seq",
        vec![],
    )
}

/// Whether a question still waits for its answer.
pub fn is_unanswered(sql: &SqlStorage, question: &Question) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    struct Found {}
    let found: Vec<Found> = rows(
        sql,
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
pub fn drop_questions(sql: &SqlStorage) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE messages SET answer_id = NULL
         WHERE answer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages AS answer WHERE answer.id = messages.answer_id)",
        vec![],
    )
}

/// How many of the assistant's last answers were none, counted back to the last one that was, up to `limit`.
pub fn doubts_in_a_row(sql: &SqlStorage, limit: u32) -> Result<u32, Problem> {
    #[derive(Deserialize)]
    struct Last {
        body: String,
    }
    let last: Vec<Last> = rows(
        sql,
        "SELECT body FROM messages WHERE role = 'assistant' ORDER BY seq DESC LIMIT ?",
        vec![int(limit.into())],
    )?;
    let mut n_doubts = 0;
    for Last { body } in last {
        if serde_json::from_str::<Body>(&body)?.offer.is_none() {
            break;
        }
        n_doubts += 1;
    }
    Ok(n_doubts)
}

/// Notes what the visitor says of an answer. Tells whether that is news; nothing when there is no such answer.
pub fn judge(sql: &SqlStorage, seq: Seq, good: bool) -> Result<Option<bool>, Problem> {
    #[derive(Deserialize)]
    struct Judged {
        good: Option<u8>,
    }
    let known: Vec<Judged> = rows(
        sql,
        "SELECT good FROM messages WHERE seq = ? AND role = 'assistant'",
        vec![int(seq.0.into())],
    )?;
    let Some(known) = known.first() else {
        return Ok(None);
    };
    if known.good == Some(good.into()) {
        return Ok(Some(false));
    }
    run(
        sql,
        "UPDATE messages SET good = ?2, is_good_kept = 0 WHERE seq = ?1",
        vec![int(seq.0.into()), int(good.into())],
    )?;
    Ok(Some(true))
}

/// Judgements that D1 does not know of.
pub fn judgements(sql: &SqlStorage, limit: u32) -> Result<Vec<Judgement>, Problem> {
    rows(
        sql,
        "SELECT seq, good FROM messages WHERE is_good_kept = 0 ORDER BY seq LIMIT ?",
        vec![int(limit.into())],
    )
}

/// D1 knows of these.
pub fn set_judgements_kept(sql: &SqlStorage, judgements: &[Judgement]) -> Result<(), Problem> {
    for judgement in judgements {
        // Not if it changed while D1 was told.
        run(
            sql,
            "UPDATE messages SET is_good_kept = 1 WHERE seq = ? AND good = ?",
            vec![int(judgement.seq.0.into()), int(judgement.good.into())],
        )?;
    }
    Ok(())
}

/// One of them is not answered: the visitor stopped it before a word was said.
pub fn drop_question(sql: &SqlStorage, seq: Seq) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE messages SET answer_id = NULL WHERE seq = ?",
        vec![int(seq.0.into())],
    )
}

/// Counts a call of a model for an answer, before it is made. Tells which one it is.
pub fn count_call(sql: &SqlStorage, answer_id: &str) -> Result<u32, Problem> {
    #[derive(Deserialize)]
    struct Calls {
        n: u32,
    }
    let calls: Vec<Calls> = rows(
        sql,
        "UPDATE messages SET model_calls = model_calls + 1 WHERE answer_id = ? RETURNING model_calls AS n",
        vec![answer_id.into()],
    )?;
    Ok(calls.first().map_or(u32::MAX, |calls| calls.n))
}

/// What was said before a message, latest first: by the visitor, the assistant and the team.
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

/// Moves the conversation. Tells whether it stood elsewhere.
pub fn set_status(sql: &SqlStorage, status: Status) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    struct Moved {}
    let moved: Vec<Moved> = rows(
        sql,
        "UPDATE conversation SET status = ?1 WHERE status <> ?1 RETURNING id",
        vec![status_name(status).into()],
    )?;
    if moved.is_empty() {
        return Ok(false);
    }
    run(
        sql,
        "INSERT INTO moves (status, at) VALUES (?, ?)",
        vec![status_name(status).into(), int(clock::now().0)],
    )?;
    Ok(true)
}

/// A move of the conversation.
#[derive(Deserialize)]
pub struct Move {
    /// Its number; none is used twice.
    pub n: u32,
    /// Where to.
    pub status: Status,
    /// When.
    pub at: UnixMs,
}

/// Moves that D1 does not know of, oldest first.
pub fn moves(sql: &SqlStorage, limit: u32) -> Result<Vec<Move>, Problem> {
    rows(
        sql,
        "SELECT n, status, at FROM moves ORDER BY n LIMIT ?",
        vec![int(limit.into())],
    )
}

/// D1 knows of these moves.
pub fn forget_moves(sql: &SqlStorage, moves: &[Move]) -> Result<(), Problem> {
    let Some(last) = moves.last() else {
        return Ok(());
    };
    run(
        sql,
        "DELETE FROM moves WHERE n <= ?",
        vec![int(last.n.into())],
    )
}

/// Remembers what D1 holds.
pub fn set_kept(sql: &SqlStorage, seq: Seq, status: Status) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE conversation SET kept_seq = max(kept_seq, ?), kept_status = ?",
        vec![int(seq.0.into()), status_name(status).into()],
    )
}
