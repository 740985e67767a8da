//! A visitor's sessions.
//!
//! A session is a family of refresh tokens that count generations. The live generation renews it. The one before it is
//! taken for a second tab that refreshed at the same moment, for [`NEIGHBOUR_MS`], and gets the live one again; any
//! older one, or that one later, is a stolen cookie and ends every session of the visitor. An answer that got lost
//! on its way, because the visitor went on to the next page, is a neighbour too.

use std::cell::RefCell;
use std::collections::HashSet;

use oriel_shared::id::UnixMs;
use oriel_shared::wire::admin::SessionTimes;
use oriel_shared::wire::problem::Code;
use serde::Deserialize;
use worker::SqlStorage;

use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{column, int, is_written, rows, run};

/// The table of this part.
pub const TABLES: &str = "
    -- A session is named after the ticket that opened it, so that no ticket can open a second one.
    CREATE TABLE sessions (
        family TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        began_at INTEGER NOT NULL,
        renewed_at INTEGER NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
";

/// Two tabs that wake together refresh within this; a thief would have to be as quick, and gains one renewal that the
/// owner's next refresh makes visible.
const NEIGHBOUR_MS: u64 = 10_000;

/// What is stored of a session that has not ended.
#[derive(Deserialize)]
struct SessionRow {
    generation: u32,
    renewed_at: UnixMs,
    ended: u8,
}

/// What a refresh token of some generation is good for.
#[derive(Debug, PartialEq, Eq)]
enum Renewal {
    /// It renews the session; the next generation is the live one.
    Next(u32),
    /// It is a neighbour's, who gets the live generation.
    Live(u32),
    /// It was spent before.
    Reused,
}

impl SessionRow {
    fn renewal(&self, shown: u32, now: UnixMs) -> Renewal {
        let is_neighbour = shown + 1 == self.generation && now.0 < self.renewed_at.0 + NEIGHBOUR_MS;
        if is_neighbour {
            Renewal::Live(self.generation)
        } else if shown == self.generation {
            Renewal::Next(shown + 1)
        } else {
            Renewal::Reused
        }
    }
}

/// The sessions, and which of them this instance knows to live.
pub struct Sessions {
    sql: SqlStorage,
    live: RefCell<HashSet<String>>,
}

impl Sessions {
    /// Nothing is known of them yet.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            sql,
            live: RefCell::default(),
        }
    }

    /// Begins a session. Returns whether there was none of this name.
    pub fn begin(&self, family: &str) -> Result<bool, Problem> {
        self.invalidate();
        is_written(
            &self.sql,
            "INSERT INTO sessions (family, generation, began_at, renewed_at) VALUES (?1, 1, ?2, ?2)
             ON CONFLICT (family) DO NOTHING",
            vec![family.into(), int(clock::now().0)],
        )
    }

    /// Renews a session that shows its live generation, or the one before within [`NEIGHBOUR_MS`]. Returns the generation
    /// that may renew it next.
    ///
    /// # Errors
    /// `session_expired`; `session_reused`, after which no session lives.
    pub fn renew(&self, family: &str, shown: u32) -> Result<u32, Problem> {
        let now = clock::now();
        let session = self.read(family)?;
        let session = session.ok_or_else(|| Problem::refused(Code::SessionExpired))?;
        match session.renewal(shown, now) {
            Renewal::Live(generation) => Ok(generation),
            Renewal::Next(generation) => {
                run(
                    &self.sql,
                    "UPDATE sessions SET generation = ?, renewed_at = ? WHERE family = ?",
                    vec![int(generation.into()), int(now.0), family.into()],
                )?;
                Ok(generation)
            }
            Renewal::Reused => {
                run(&self.sql, "UPDATE sessions SET ended = 1", vec![])?;
                Err(Problem::refused(Code::SessionReused))
            }
        }
    }

    /// Ends one session.
    pub fn end(&self, family: &str) -> Result<(), Problem> {
        self.invalidate();
        run(
            &self.sql,
            "UPDATE sessions SET ended = 1 WHERE family = ?",
            vec![family.into()],
        )
    }

    /// Ends the sessions that began before a moment, and names them.
    pub fn end_before(&self, since: UnixMs) -> Result<Vec<String>, Problem> {
        self.invalidate();
        column(
            &self.sql,
            "UPDATE sessions SET ended = 1 WHERE began_at < ? AND ended = 0 RETURNING family",
            vec![int(since.0)],
        )
    }

    /// Refuses a session that has ended; asked again on every frame, since its access token was signed some minutes ago.
    ///
    /// # Errors
    /// `session_expired`.
    pub fn check_live(&self, family: &str) -> Result<(), Problem> {
        if self.live.borrow().contains(family) {
            return Ok(());
        }
        if self.read(family)?.is_none() {
            return Err(Problem::refused(Code::SessionExpired));
        }
        self.live.borrow_mut().insert(family.to_owned());
        Ok(())
    }

    /// When each session was there, first to last.
    pub fn times(&self) -> Result<Vec<SessionTimes>, Problem> {
        #[derive(Deserialize)]
        struct TimesRow {
            began_at: UnixMs,
            renewed_at: UnixMs,
            ended: u8,
        }
        let all: Vec<TimesRow> = rows(
            &self.sql,
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

    fn read(&self, family: &str) -> Result<Option<SessionRow>, Problem> {
        let sessions: Vec<SessionRow> = rows(
            &self.sql,
            "SELECT generation, renewed_at, ended FROM sessions WHERE family = ?",
            vec![family.into()],
        )?;
        Ok(sessions.into_iter().find(|session| session.ended == 0))
    }

    /// What is cached is true no longer.
    pub fn invalidate(&self) {
        self.live.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_live_generation_renews_and_the_one_before_is_a_neighbour_for_a_moment() {
        let renewed_at = UnixMs(1_000);
        let session = SessionRow {
            generation: 5,
            renewed_at,
            ended: 0,
        };
        let soon = renewed_at.plus(NEIGHBOUR_MS - 1);
        let later = renewed_at.plus(NEIGHBOUR_MS);
        for (shown, now, renewal) in [
            (5, soon, Renewal::Next(6)),
            (5, later, Renewal::Next(6)),
            (4, soon, Renewal::Live(5)),
            (4, later, Renewal::Reused),
            (3, soon, Renewal::Reused),
            (6, soon, Renewal::Reused),
        ] {
            assert_eq!(session.renewal(shown, now), renewal, "{shown} at {now:?}");
        }
    }
}
