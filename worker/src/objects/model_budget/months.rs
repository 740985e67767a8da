//! What an organisation's models used in each month, and which events it had.

use oriel_shared::model::budget::Amount;
use oriel_shared::wire::webhook::EventKind;
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{int, is_written, rows, run};

/// The table of this part.
pub const TABLES: &str = "
    CREATE TABLE months (
        month TEXT PRIMARY KEY,
        tokens INTEGER NOT NULL DEFAULT 0,
        cost INTEGER NOT NULL DEFAULT 0,
        -- The last event of it, by its rank.
        event_rank INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
";

/// The place of an event among those of a month.
const fn rank(kind: EventKind) -> u64 {
    match kind {
        EventKind::BudgetExceeded => 2,
        _ => 1,
    }
}

/// The months.
pub struct Months {
    sql: SqlStorage,
}

impl Months {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// What a month's settled calls used.
    pub fn spent(&self, month: &str) -> Result<Amount, Problem> {
        let found: Vec<Amount> = rows(
            &self.sql,
            "SELECT tokens, cost FROM months WHERE month = ?",
            vec![month.into()],
        )?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// Adds what a call used.
    pub fn add(&self, month: &str, amount: Amount) -> Result<(), Problem> {
        run(
            &self.sql,
            "INSERT INTO months (month, tokens, cost) VALUES (?, ?, ?)
             ON CONFLICT (month) DO UPDATE SET tokens = tokens + excluded.tokens, cost = cost + excluded.cost",
            vec![month.into(), int(amount.tokens), int(amount.cost)],
        )
    }

    /// Notes that there is an event. Returns whether there was none of this rank before.
    pub fn set_event(&self, month: &str, kind: EventKind) -> Result<bool, Problem> {
        is_written(
            &self.sql,
            "INSERT INTO months (month, event_rank) VALUES (?1, ?2)
             ON CONFLICT (month) DO UPDATE SET event_rank = ?2 WHERE event_rank < ?2",
            vec![month.into(), int(rank(kind))],
        )
    }
}
