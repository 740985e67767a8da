//! Calls of models: those under way, and those that D1 does not have yet. While a call is under way its numbers are the
//! most that it may use.

use oriel_shared::id::{OrgId, SiteId, UnixMs, UsageId};
use oriel_shared::model::budget::Amount;
use oriel_shared::wire::site::Provider;
use serde::Deserialize;
use worker::SqlStorage;

use crate::calls::{Reservation, Settlement};
use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};
use crate::store::usage::{self, UsageRow};

/// The table of this part.
pub const TABLES: &str = "
    CREATE TABLE calls (
        id TEXT PRIMARY KEY,
        org_id TEXT NOT NULL,
        site_id TEXT NOT NULL,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        at INTEGER NOT NULL,
        month TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cost INTEGER NOT NULL,
        ms INTEGER NOT NULL DEFAULT 0,
        outcome TEXT
    ) WITHOUT ROWID;
";

/// A call may take so long to be settled after its time is up.
const GRACE_MS: u64 = 15_000;
/// What became of a call that nobody settled.
const LOST: &str = "lost";

/// A call, under way or settled.
#[derive(Clone, Deserialize)]
pub struct ModelCall {
    id: UsageId,
    /// Whose budget it is.
    pub org_id: OrgId,
    site_id: SiteId,
    provider: Provider,
    model: String,
    at: UnixMs,
    /// The month in which it began.
    pub month: String,
    input_tokens: u32,
    output_tokens: u32,
    cost: u64,
    ms: u64,
    outcome: Option<String>,
}

impl ModelCall {
    /// What it used, or may use.
    pub fn amount(&self) -> Amount {
        Amount {
            tokens: u64::from(self.input_tokens) + u64::from(self.output_tokens),
            cost: self.cost,
        }
    }

    /// This call when it is over.
    pub fn settled(&self, settlement: Settlement, now: UnixMs) -> Self {
        Self {
            input_tokens: settlement.tokens.input,
            output_tokens: settlement.tokens.output,
            cost: settlement.cost,
            ms: now.0.saturating_sub(self.at.0),
            outcome: Some(settlement.outcome),
            ..self.clone()
        }
    }

    /// This call when its time is up: it has used all that it might.
    pub fn lost(self, now: UnixMs) -> Self {
        Self {
            ms: now.0.saturating_sub(self.at.0),
            outcome: Some(LOST.to_owned()),
            ..self
        }
    }
}

impl From<ModelCall> for UsageRow {
    fn from(call: ModelCall) -> Self {
        Self {
            id: call.id,
            site_id: call.site_id,
            at: call.at,
            month: call.month,
            provider: call.provider,
            model: call.model,
            input_tokens: call.input_tokens,
            output_tokens: call.output_tokens,
            cost: call.cost,
            ms: call.ms,
            outcome: call.outcome.unwrap_or_default(),
        }
    }
}

/// Reads calls: which, is the end of the statement.
macro_rules! calls {
    ($sql:expr, $which:literal, $values:expr $(,)?) => {
        rows(
            $sql,
            concat!(
                "SELECT id, org_id, site_id, provider, model, at, month, input_tokens, output_tokens, cost, ms, outcome
                 FROM calls ",
                $which
            ),
            $values,
        )
    };
}

/// What there is to do about calls.
#[derive(Deserialize)]
pub struct Agenda {
    /// When the next one under way is lost.
    pub expires_at: Option<UnixMs>,
    /// How many are settled and not in D1.
    pub n_settled: u32,
}

/// The calls.
pub struct ModelCalls {
    sql: SqlStorage,
}

impl ModelCalls {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// What a month's calls under way may use.
    pub fn reserved(&self, month: &str) -> Result<Amount, Problem> {
        let found: Vec<Amount> = rows(
            &self.sql,
            "SELECT coalesce(sum(input_tokens + output_tokens), 0) AS tokens, coalesce(sum(cost), 0) AS cost
             FROM calls WHERE month = ? AND outcome IS NULL",
            vec![month.into()],
        )?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// A call is about to be made. Returns how long its settlement is waited for.
    pub fn begin(
        &self,
        reservation: Reservation,
        month: &str,
        now: UnixMs,
    ) -> Result<u64, Problem> {
        let time_ms = reservation.time_ms + GRACE_MS;
        run(
            &self.sql,
            "INSERT INTO calls
               (id, org_id, site_id, provider, model, at, month, expires_at, input_tokens, output_tokens, cost)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                reservation.id.0.into(),
                reservation.org.0.into(),
                reservation.site.0.into(),
                usage::provider_name(reservation.provider).into(),
                reservation.model.into(),
                int(now.0),
                month.into(),
                int(now.plus(time_ms).0),
                int(reservation.tokens.input.into()),
                int(reservation.tokens.output.into()),
                int(reservation.cost),
            ],
        )?;
        Ok(time_ms)
    }

    /// A call under way.
    pub fn find(&self, id: &UsageId) -> Result<Option<ModelCall>, Problem> {
        let found: Vec<ModelCall> = calls!(
            &self.sql,
            "WHERE id = ? AND outcome IS NULL",
            vec![id.as_str().into()],
        )?;
        Ok(found.into_iter().next())
    }

    /// Calls under way whose time is up.
    pub fn expired(&self, now: UnixMs) -> Result<Vec<ModelCall>, Problem> {
        calls!(
            &self.sql,
            "WHERE outcome IS NULL AND expires_at <= ?",
            vec![int(now.0)],
        )
    }

    /// A call is over.
    pub fn end(&self, call: &ModelCall) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE calls SET input_tokens = ?, output_tokens = ?, cost = ?, ms = ?, outcome = ? WHERE id = ?",
            vec![
                int(call.input_tokens.into()),
                int(call.output_tokens.into()),
                int(call.cost),
                int(call.ms),
                call.outcome.clone().into(),
                call.id.as_str().into(),
            ],
        )
    }

    /// Up to `limit` calls that are over, oldest first.
    pub fn ended(&self, limit: u64) -> Result<Vec<ModelCall>, Problem> {
        calls!(
            &self.sql,
            "WHERE outcome IS NOT NULL ORDER BY at LIMIT ?",
            vec![int(limit)],
        )
    }

    /// D1 has a call.
    pub fn remove(&self, id: &UsageId) -> Result<(), Problem> {
        let id = vec![id.as_str().into()];
        run(&self.sql, "DELETE FROM calls WHERE id = ?", id)
    }

    /// What there is to do.
    pub fn agenda(&self) -> Result<Agenda, Problem> {
        let found: Vec<Agenda> = rows(
            &self.sql,
            "SELECT (SELECT min(expires_at) FROM calls WHERE outcome IS NULL) AS expires_at,
                    (SELECT count(*) FROM calls WHERE outcome IS NOT NULL) AS n_settled",
            vec![],
        )?;
        Ok(found.into_iter().next().unwrap_or(Agenda {
            expires_at: None,
            n_settled: 0,
        }))
    }
}
