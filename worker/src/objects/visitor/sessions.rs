//! Tickets are spent here, sessions begin, are renewed and end here.
//!
//! A session is a family of refresh tokens that count generations. The live generation renews it. The one before it is
//! taken for a second tab that refreshed at the same moment, for [`NEIGHBOUR_MS`], and gets the live one again; any
//! older one, or the same one later, is a stolen cookie and ends every session of the visitor. An answer that got lost
//! on its way, because the visitor went on to the next page, is a neighbour too.

use oriel_shared::id::{ConversationId, SiteId, UnixMs, VisitorId};
use oriel_shared::token::session::Ticket;
use oriel_shared::wire::admin::SessionTimes;
use oriel_shared::wire::problem::Code;
use serde::Deserialize;
use worker::SqlStorage;

use super::erase;
use crate::calls::{LiveSession, Settings};
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};

/// Two tabs that wake together refresh within this; a thief would have to be as quick, and gains one renewal that the
/// owner's next refresh makes visible.
const NEIGHBOUR_MS: u64 = 10_000;

#[derive(Deserialize)]
struct Session {
    generation: u32,
    renewed_at: UnixMs,
    ended: u8,
}

#[derive(Deserialize)]
struct Home {
    id: ConversationId,
    site_id: SiteId,
    visitor_id: VisitorId,
    settings: String,
}

/// Spends a ticket and begins a session, which has the ticket's name: a second one of that name cannot begin. The
/// visitor's first ticket makes the conversation.
pub fn open(
    sql: &SqlStorage,
    ticket: &Ticket,
    settings: &Settings,
    language: &str,
) -> Result<LiveSession, Problem> {
    #[derive(Deserialize)]
    struct Begun {}
    // What was erased took the names of spent tickets with it; those of before are all spent.
    if erase::erased_at(sql)?.is_some_and(|at| ticket.issued_at <= at) {
        return Err(Problem::refused(Code::TicketUsed));
    }
    let now = clock::now();
    let family = format!("fam_{}", ticket.jti);
    let begun: Vec<Begun> = rows(
        sql,
        "INSERT INTO sessions (family, generation, began_at, renewed_at) VALUES (?1, 1, ?2, ?2)
         ON CONFLICT (family) DO NOTHING RETURNING family",
        vec![family.as_str().into(), int(now.0)],
    )?;
    if begun.is_empty() {
        return Err(Problem::refused(Code::TicketUsed));
    }
    let homes: Vec<Home> = rows(
        sql,
        "INSERT INTO conversation (only, id, org_id, site_id, visitor_id, verified, status, created_at, settings, language)
         VALUES (1, ?, ?, ?, ?, ?, 'open', ?, ?, ?)
         ON CONFLICT (only) DO UPDATE SET settings = excluded.settings, language = excluded.language
         RETURNING id, site_id, visitor_id, settings",
        vec![
            ConversationId::from_random(clock::random()?).0.into(),
            ticket.org.as_str().into(),
            ticket.site.as_str().into(),
            ticket.visitor.as_str().into(),
            int(ticket.verified.into()),
            int(now.0),
            serde_json::to_string(settings)?.into(),
            language.into(),
        ],
    )?;
    live(homes, family, 1)
}

/// Renews a session that shows its live generation, or the one before within [`NEIGHBOUR_MS`].
pub fn refresh(sql: &SqlStorage, family: &str, shown: u32) -> Result<LiveSession, Problem> {
    let now = clock::now();
    let Some(session) = find(sql, family)? else {
        return Err(Problem::refused(Code::SessionExpired));
    };
    let is_neighbour =
        shown + 1 == session.generation && now.0 < session.renewed_at.0 + NEIGHBOUR_MS;
    if is_neighbour {
        return live(homes(sql)?, family.to_owned(), session.generation);
    }
    if shown != session.generation {
        run(sql, "UPDATE sessions SET ended = 1", vec![])?;
        return Err(Problem::refused(Code::SessionReused));
    }
    let generation = shown + 1;
    run(
        sql,
        "UPDATE sessions SET generation = ?, renewed_at = ? WHERE family = ?",
        vec![int(generation.into()), int(now.0), family.into()],
    )?;
    live(homes(sql)?, family.to_owned(), generation)
}

/// Ends one session.
pub fn end(sql: &SqlStorage, family: &str) -> Result<(), Problem> {
    run(
        sql,
        "UPDATE sessions SET ended = 1 WHERE family = ?",
        vec![family.into()],
    )
}

/// Ends the sessions that began before a moment, and names them.
pub fn end_before(sql: &SqlStorage, since: UnixMs) -> Result<Vec<String>, Problem> {
    #[derive(Deserialize)]
    struct Ended {
        family: String,
    }
    let ended: Vec<Ended> = rows(
        sql,
        "UPDATE sessions SET ended = 1 WHERE began_at < ? AND ended = 0 RETURNING family",
        vec![int(since.0)],
    )?;
    Ok(ended.into_iter().map(|session| session.family).collect())
}

/// Whether a session lives; asked again on every socket, since its access token was signed some minutes ago.
pub fn is_live(sql: &SqlStorage, family: &str) -> Result<bool, Problem> {
    Ok(find(sql, family)?.is_some())
}

/// When each session was there, first to last.
pub fn all(sql: &SqlStorage) -> Result<Vec<SessionTimes>, Problem> {
    #[derive(Deserialize)]
    struct SessionRow {
        began_at: UnixMs,
        renewed_at: UnixMs,
        ended: u8,
    }
    let all: Vec<SessionRow> = rows(
        sql,
        "SELECT began_at, renewed_at, ended FROM sessions ORDER BY began_at",
        vec![],
    )?;
    let times = all.into_iter().map(|session| SessionTimes {
        began_at: session.began_at.rfc3339(),
        renewed_at: session.renewed_at.rfc3339(),
        ended: session.ended == 1,
    });
    Ok(times.collect())
}

fn find(sql: &SqlStorage, family: &str) -> Result<Option<Session>, Problem> {
    let sessions: Vec<Session> = rows(
        sql,
        "SELECT generation, renewed_at, ended FROM sessions WHERE family = ?",
        vec![family.into()],
    )?;
    Ok(sessions.into_iter().find(|session| session.ended == 0))
}

fn homes(sql: &SqlStorage) -> Result<Vec<Home>, Problem> {
    rows(
        sql,
        "SELECT id, site_id, visitor_id, settings FROM conversation",
        vec![],
    )
}

fn live(homes: Vec<Home>, family: String, generation: u32) -> Result<LiveSession, Problem> {
    let home = homes
        .into_iter()
        .next()
        .ok_or_else(|| Problem::ours("session", &"no conversation"))?;
    let settings: Settings = serde_json::from_str(&home.settings)?;
    Ok(LiveSession {
        site: home.site_id,
        key: settings.key,
        visitor: home.visitor_id,
        family,
        generation,
        conversation: home.id,
    })
}
