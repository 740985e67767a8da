//! The note that an erasure leaves behind: when everything was erased, and what D1 has still to erase.

use oriel_shared::id::{AuditId, OrgId, SiteId, UnixMs, VisitorId};
use serde::{Deserialize, Serialize};
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};
use crate::store::audit::DoneBy;

/// The table of this part.
pub const TABLES: &str = "
    -- When everything was erased, and what D1 has still to erase, as JSON.
    CREATE TABLE erasure (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        at INTEGER NOT NULL,
        pending TEXT
    );
";

/// When the last erasure was, and what is still to be done of it.
#[derive(Deserialize)]
pub struct Note {
    /// When.
    pub at: UnixMs,
    /// [`Pending`] as JSON, until D1 has erased it too.
    pub pending: Option<String>,
}

/// What D1 has still to erase, and the line of the audit trail that goes with it.
#[derive(Serialize, Deserialize)]
pub struct Pending {
    /// The organisation.
    pub org: OrgId,
    /// The site.
    pub site: SiteId,
    /// Whose everything.
    pub visitor: VisitorId,
    /// Who asked.
    pub by: DoneBy,
    /// The line's id, so that it is written once.
    pub line: AuditId,
}

/// The place of the note.
pub struct ErasureNote {
    sql: SqlStorage,
}

impl ErasureNote {
    /// Reads and writes it here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// The note; `None` when nothing was erased of late.
    pub fn read(&self) -> Result<Option<Note>, Problem> {
        let notes: Vec<Note> = rows(&self.sql, "SELECT at, pending FROM erasure", vec![])?;
        Ok(notes.into_iter().next())
    }

    /// When everything from before was erased, while there may still be tickets from before.
    pub fn erased_at(&self) -> Result<Option<UnixMs>, Problem> {
        Ok(self.read()?.map(|note| note.at))
    }

    /// Whether D1 has still to erase something.
    pub fn is_pending(&self) -> Result<bool, Problem> {
        Ok(self.read()?.is_some_and(|note| note.pending.is_some()))
    }

    /// Writes it, in the place of the one before.
    pub fn write(&self, note: &Note) -> Result<(), Problem> {
        run(
            &self.sql,
            "INSERT INTO erasure (only, at, pending) VALUES (1, ?1, ?2)
             ON CONFLICT (only) DO UPDATE SET at = ?1, pending = ?2",
            vec![int(note.at.0), note.pending.clone().into()],
        )
    }

    /// D1 has erased it, unless another erasure has begun meanwhile.
    pub fn set_done(&self, at: UnixMs) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE erasure SET pending = NULL WHERE at = ?",
            vec![int(at.0)],
        )
    }

    /// Nobody needs it any more.
    pub fn remove(&self) -> Result<(), Problem> {
        run(&self.sql, "DELETE FROM erasure", vec![])
    }
}
