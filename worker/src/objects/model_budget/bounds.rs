//! The bounds of an organisation's models, and what the minute's count left behind.

use oriel_shared::rate::UnixUs;
use oriel_shared::wire::usage::Budget;
use serde::Deserialize;
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};

/// The table of this part.
pub const TABLES: &str = "
    CREATE TABLE budget (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        tokens_per_minute INTEGER NOT NULL DEFAULT 0,
        tokens_per_month INTEGER NOT NULL DEFAULT 0,
        cost_per_month INTEGER NOT NULL DEFAULT 0,
        -- The arrival time that the last call left behind for the minute's bound.
        arrival INTEGER NOT NULL DEFAULT 0
    );
    INSERT INTO budget (only) VALUES (1);
";

/// The bounds.
pub struct Bounds {
    sql: SqlStorage,
}

impl Bounds {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// The bounds, and the arrival time that the last call left behind.
    pub fn read(&self) -> Result<(Budget, UnixUs), Problem> {
        #[derive(Deserialize)]
        struct BudgetRow {
            tokens_per_minute: u64,
            tokens_per_month: u64,
            cost_per_month: u64,
            arrival: UnixUs,
        }
        let found: Vec<BudgetRow> = rows(
            &self.sql,
            "SELECT tokens_per_minute, tokens_per_month, cost_per_month, arrival FROM budget",
            vec![],
        )?;
        let row = found.into_iter().next();
        let row = row.ok_or_else(|| Problem::ours("model_budget", &"no budget"))?;
        let budget = Budget {
            tokens_per_minute: row.tokens_per_minute,
            tokens_per_month: row.tokens_per_month,
            cost_per_month: row.cost_per_month,
        };
        Ok((budget, row.arrival))
    }

    /// Notes what a call leaves behind.
    pub fn set_arrival(&self, arrival: UnixUs) -> Result<(), Problem> {
        let value = vec![int(arrival.0)];
        run(&self.sql, "UPDATE budget SET arrival = ?", value)
    }

    /// Changes the bounds. With other bounds the minute begins anew.
    pub fn set(&self, budget: &Budget) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE budget SET tokens_per_minute = ?, tokens_per_month = ?, cost_per_month = ?, arrival = 0",
            vec![
                int(budget.tokens_per_minute),
                int(budget.tokens_per_month),
                int(budget.cost_per_month),
            ],
        )
    }
}
