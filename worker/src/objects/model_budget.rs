//! An organisation's model_budget: every call of a model is reserved here before it is made, and settled after.
//!
//! Keeps true: there is one instance, and between two of its events nothing is undecided, so that bounds hold exactly
//! however many ask at once; a reservation is on disk before its call is made. One that nobody settles (the edge died)
//! counts as spent in full when its time is up. A month is told of once at four fifths and once at its end. Rows and
//! events reach D1 by an alarm, in batches that may arrive twice. A model budget that does not answer lets no call be made
//! (`answer/` goes on with the documents).

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

use std::time::Duration;

use oriel_shared::id::{OrgId, SiteId, UnixMs, UsageId};
use oriel_shared::model::budget::{self, Amount, ExceededLimit};
use oriel_shared::rate::UnixUs;
use oriel_shared::webhook::event_id;
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::usage::{Budget, BudgetChange, BudgetState};
use oriel_shared::wire::webhook::{Event, EventData, EventKind};
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::sql::{self, int, rows, run};
use crate::calls::{self, ModelBudgetCall, ModelBudgetReply, Reservation, Settlement};
use crate::clock;
use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::deliveries::NewEvent;
use crate::store::usage;

/// From nothing to the present, step by step: see [`sql::migrate`].
const MIGRATIONS: &[&str] = &["
    -- One row: whose it is, the bounds, and what the minute's count left behind.
    CREATE TABLE budget (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        tokens_per_minute INTEGER NOT NULL DEFAULT 0,
        tokens_per_month INTEGER NOT NULL DEFAULT 0,
        cost_per_month INTEGER NOT NULL DEFAULT 0,
        arrival INTEGER NOT NULL DEFAULT 0
    );
    INSERT INTO budget (only) VALUES (1);
    -- What was spent, and of what the organisation was told.
    CREATE TABLE months (
        month TEXT PRIMARY KEY,
        tokens INTEGER NOT NULL DEFAULT 0,
        cost INTEGER NOT NULL DEFAULT 0,
        told INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    -- Calls under way, and those that D1 does not have yet. While a call is under way its numbers are the most it may use.
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
    -- What is to be told.
    CREATE TABLE events (
        id TEXT PRIMARY KEY,
        org_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL
    ) WITHOUT ROWID;
"];

/// Long enough to catch several calls in one batch.
const DELAY_MS: u64 = 500;
/// When D1 does not answer.
const DATABASE_RETRY_MS: u64 = 15_000;
/// Rows of one batch.
const BATCH: u64 = 50;
/// A call may take so long to be settled after its time is up.
const GRACE_MS: u64 = 15_000;
/// What became of a call that nobody settled.
const LOST: &str = "lost";

/// One organisation's model budget.
#[durable_object]
pub struct ModelBudget {
    state: State,
    env: Env,
}

/// A call, under way or settled.
#[derive(Clone, Deserialize)]
struct Call {
    id: UsageId,
    org_id: OrgId,
    site_id: SiteId,
    provider: Provider,
    model: String,
    at: UnixMs,
    month: String,
    input_tokens: u32,
    output_tokens: u32,
    cost: u64,
    ms: u64,
    outcome: Option<String>,
}

impl Call {
    fn amount(&self) -> Amount {
        Amount {
            tokens: u64::from(self.input_tokens) + u64::from(self.output_tokens),
            cost: self.cost,
        }
    }
}

/// What was told of a month, in the order of the telling.
const fn rank(kind: EventKind) -> u64 {
    match kind {
        EventKind::BudgetExceeded => 2,
        _ => 1,
    }
}

impl DurableObject for ModelBudget {
    fn new(state: State, env: Env) -> Self {
        let model_budget = Self { state, env };
        // A constructor has nobody to tell; the first statement on a missing table will.
        if let Err(problem) = sql::migrate(&model_budget.sql(), MIGRATIONS) {
            super::log_failure("schema", &problem);
        }
        model_budget
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let outcome = match request.text().await {
            Ok(text) => self.call(&text).await,
            Err(error) => Err(error.into()),
        };
        super::answer(outcome)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let outcome = match self.expire() {
            Ok(()) => self.keep().await,
            Err(problem) => Err(problem),
        };
        let delay = match outcome {
            Ok(()) => self.next(),
            Err(problem) => {
                super::log_failure("model_budget", &problem);
                Ok(Some(DATABASE_RETRY_MS))
            }
        };
        if let Ok(Some(delay_ms)) = delay {
            let storage = self.state.storage();
            storage.set_alarm(Duration::from_millis(delay_ms)).await?;
        }
        Response::empty()
    }
}

impl ModelBudget {
    fn sql(&self) -> worker::SqlStorage {
        self.state.storage().sql()
    }

    async fn call(&self, text: &str) -> Result<ModelBudgetReply, Problem> {
        match serde_json::from_str(text)? {
            ModelBudgetCall::Reserve(reservation) => self.reserve(reservation).await,
            ModelBudgetCall::Settle(settlement) => self.settle(settlement).await,
            ModelBudgetCall::Show => self.state_now().map(ModelBudgetReply::State),
            ModelBudgetCall::Change(change) => self.change(&change),
        }
    }

    fn budget(&self) -> Result<(Budget, UnixUs), Problem> {
        #[derive(Deserialize)]
        struct BudgetRow {
            tokens_per_minute: u64,
            tokens_per_month: u64,
            cost_per_month: u64,
            arrival: UnixUs,
        }
        let found: Vec<BudgetRow> = rows(
            &self.sql(),
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

    fn set_arrival(&self, arrival: UnixUs) -> Result<(), Problem> {
        let value = vec![int(arrival.0)];
        run(&self.sql(), "UPDATE budget SET arrival = ?", value)
    }

    fn amount(&self, query: &'static str, month: &str) -> Result<Amount, Problem> {
        let found: Vec<Amount> = rows(&self.sql(), query, vec![month.into()])?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    /// What a month's settled calls used.
    fn spent(&self, month: &str) -> Result<Amount, Problem> {
        self.amount("SELECT tokens, cost FROM months WHERE month = ?", month)
    }

    /// What its calls under way may use.
    fn reserved(&self, month: &str) -> Result<Amount, Problem> {
        self.amount(
            "SELECT coalesce(sum(input_tokens + output_tokens), 0) AS tokens, coalesce(sum(cost), 0) AS cost
             FROM calls WHERE month = ? AND outcome IS NULL",
            month,
        )
    }

    async fn reserve(&self, asked: Reservation) -> Result<ModelBudgetReply, Problem> {
        let now = clock::now();
        let month = budget::month(now);
        let (bounds, arrival) = self.budget()?;
        let spent = self.spent(&month)?.plus(self.reserved(&month)?);
        let worst = Amount::new(asked.tokens, asked.cost);
        let arrival = match budget::admit(&bounds, spent, arrival, worst, now) {
            Ok(arrival) => arrival,
            Err(over) => {
                if over == ExceededLimit::Month {
                    self.tell(&asked.org, &month, EventKind::BudgetExceeded)?;
                    self.wake(DELAY_MS).await?;
                }
                return Ok(ModelBudgetReply::Over);
            }
        };
        self.set_arrival(arrival)?;
        let provider = usage::provider_name(asked.provider);
        run(
            &self.sql(),
            "INSERT INTO calls
               (id, org_id, site_id, provider, model, at, month, expires_at, input_tokens, output_tokens, cost)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                asked.id.0.into(),
                asked.org.0.into(),
                asked.site.0.into(),
                provider.into(),
                asked.model.into(),
                int(now.0),
                month.into(),
                int(now.plus(asked.time_ms + GRACE_MS).0),
                int(asked.tokens.input.into()),
                int(asked.tokens.output.into()),
                int(asked.cost),
            ],
        )?;
        self.wake(asked.time_ms + GRACE_MS).await?;
        Ok(ModelBudgetReply::Done)
    }

    async fn settle(&self, settled: Settlement) -> Result<ModelBudgetReply, Problem> {
        let Some(call) = self.under_way(&settled.id)? else {
            // Its time was up, and it counts as spent.
            return Ok(ModelBudgetReply::Done);
        };
        let now = clock::now();
        let used = Call {
            input_tokens: settled.tokens.input,
            output_tokens: settled.tokens.output,
            cost: settled.cost,
            ms: now.0.saturating_sub(call.at.0),
            outcome: Some(settled.outcome),
            ..call.clone()
        };
        let (bounds, arrival) = self.budget()?;
        self.set_arrival(budget::correct(
            &bounds,
            arrival,
            call.amount(),
            used.amount(),
        ))?;
        self.spend(&used)?;
        self.wake(DELAY_MS).await?;
        Ok(ModelBudgetReply::Done)
    }

    fn under_way(&self, id: &UsageId) -> Result<Option<Call>, Problem> {
        let found: Vec<Call> = rows(
            &self.sql(),
            "SELECT id, org_id, site_id, provider, model, at, month, input_tokens, output_tokens, cost, ms, outcome
             FROM calls WHERE id = ? AND outcome IS NULL",
            vec![id.as_str().into()],
        )?;
        Ok(found.into_iter().next())
    }

    /// Enters a call that is over.
    fn spend(&self, call: &Call) -> Result<(), Problem> {
        let sql = self.sql();
        run(
            &sql,
            "UPDATE calls SET input_tokens = ?, output_tokens = ?, cost = ?, ms = ?, outcome = ? WHERE id = ?",
            vec![
                int(call.input_tokens.into()),
                int(call.output_tokens.into()),
                int(call.cost),
                int(call.ms),
                call.outcome.clone().into(),
                call.id.as_str().into(),
            ],
        )?;
        let amount = call.amount();
        run(
            &sql,
            "INSERT INTO months (month, tokens, cost) VALUES (?, ?, ?)
             ON CONFLICT (month) DO UPDATE SET tokens = tokens + excluded.tokens, cost = cost + excluded.cost",
            vec![
                call.month.as_str().into(),
                int(amount.tokens),
                int(amount.cost),
            ],
        )?;
        let (bounds, _) = self.budget()?;
        match budget::threshold_event(&bounds, self.spent(&call.month)?) {
            Some(kind) => self.tell(&call.org_id, &call.month, kind),
            None => Ok(()),
        }
    }

    /// Tells of a month, unless it was told before.
    fn tell(&self, org: &OrgId, month: &str, kind: EventKind) -> Result<(), Problem> {
        #[derive(Deserialize)]
        struct Told {}
        let sql = self.sql();
        let is_new: Vec<Told> = rows(
            &sql,
            "INSERT INTO months (month, told) VALUES (?1, ?2)
             ON CONFLICT (month) DO UPDATE SET told = ?2 WHERE told < ?2 RETURNING month",
            vec![month.into(), int(rank(kind))],
        )?;
        if is_new.is_empty() {
            return Ok(());
        }
        let event = Event {
            kind: kind.name().to_owned(),
            timestamp: clock::now().rfc3339(),
            data: EventData::Budget(self.state_of(month)?),
        };
        run(
            &sql,
            "INSERT INTO events (id, org_id, kind, payload) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            vec![
                event_id(org, &format!("budget/{month}/{}", kind.name()))
                    .0
                    .into(),
                org.as_str().into(),
                kind.name().into(),
                serde_json::to_string(&event)?.into(),
            ],
        )
    }

    fn state_now(&self) -> Result<BudgetState, Problem> {
        self.state_of(&budget::month(clock::now()))
    }

    fn state_of(&self, month: &str) -> Result<BudgetState, Problem> {
        let (budget, _) = self.budget()?;
        let (spent, reserved) = (self.spent(month)?, self.reserved(month)?);
        Ok(BudgetState {
            budget,
            month: month.to_owned(),
            tokens: spent.tokens,
            cost: spent.cost,
            reserved_tokens: reserved.tokens,
            reserved_cost: reserved.cost,
        })
    }

    fn change(&self, change: &BudgetChange) -> Result<ModelBudgetReply, Problem> {
        let (mut bounds, _) = self.budget()?;
        bounds
            .apply(change)
            .map_err(|(field, max)| Problem::field(field, &format!("must be 0 to {max}")))?;
        let sql = self.sql();
        // With other bounds the minute begins anew.
        run(
            &sql,
            "UPDATE budget SET tokens_per_minute = ?, tokens_per_month = ?, cost_per_month = ?, arrival = 0",
            vec![
                int(bounds.tokens_per_minute),
                int(bounds.tokens_per_month),
                int(bounds.cost_per_month),
            ],
        )?;
        self.state_now().map(ModelBudgetReply::State)
    }

    /// Whoever did not settle within its time has spent what was reserved.
    fn expire(&self) -> Result<(), Problem> {
        let lost: Vec<Call> = rows(
            &self.sql(),
            "SELECT id, org_id, site_id, provider, model, at, month, input_tokens, output_tokens, cost, ms, outcome
             FROM calls WHERE outcome IS NULL AND expires_at <= ?",
            vec![int(clock::now().0)],
        )?;
        for call in lost {
            let ms = clock::now().0.saturating_sub(call.at.0);
            self.spend(&Call {
                ms,
                outcome: Some(LOST.to_owned()),
                ..call
            })?;
        }
        Ok(())
    }

    /// Brings rows and events to D1, and forgets them here.
    async fn keep(&self) -> Result<(), Problem> {
        #[derive(Deserialize)]
        struct Owed {
            id: String,
            kind: EventKind,
            payload: String,
        }
        let sql = self.sql();
        loop {
            let calls: Vec<Call> = rows(
                &sql,
                "SELECT id, org_id, site_id, provider, model, at, month, input_tokens, output_tokens, cost, ms, outcome
                 FROM calls WHERE outcome IS NOT NULL ORDER BY at LIMIT ?",
                vec![int(BATCH)],
            )?;
            let owed: Vec<Owed> = rows(&sql, "SELECT id, kind, payload FROM events", vec![])?;
            let Some(org) = self.owner()? else {
                return Ok(());
            };
            if calls.is_empty() && owed.is_empty() {
                return Ok(());
            }
            let metered: Vec<usage::UsageRow> = calls.into_iter().map(Into::into).collect();
            let ids: Vec<String> = owed.iter().map(|event| event.id.clone()).collect();
            let events: Vec<NewEvent> = owed
                .into_iter()
                .map(|event| NewEvent {
                    id: oriel_shared::id::EventId(event.id),
                    kind: event.kind,
                    payload: event.payload,
                })
                .collect();
            let db = Db::open(&self.env)?;
            let jobs = usage::keep(&db, &org, &metered, &events, clock::now()).await?;
            for row in &metered {
                let id = vec![row.id.as_str().into()];
                run(&sql, "DELETE FROM calls WHERE id = ?", id)?;
            }
            for id in ids {
                run(&sql, "DELETE FROM events WHERE id = ?", vec![id.into()])?;
            }
            for job in &jobs {
                // A webhook sender that cannot be woken is woken by a job soon.
                if let Err(problem) = calls::wake_webhook_sender(&self.env, job).await {
                    super::log_failure("wake", &problem);
                }
            }
        }
    }

    /// Whose it is, as its rows say.
    fn owner(&self) -> Result<Option<OrgId>, Problem> {
        #[derive(Deserialize)]
        struct Owner {
            org_id: OrgId,
        }
        let found: Vec<Owner> = rows(
            &self.sql(),
            "SELECT org_id FROM calls UNION SELECT org_id FROM events LIMIT 1",
            vec![],
        )?;
        Ok(found.into_iter().next().map(|owner| owner.org_id))
    }

    /// When there is something to do next.
    fn next(&self) -> Result<Option<u64>, Problem> {
        #[derive(Deserialize)]
        struct Next {
            at: Option<UnixMs>,
            n_owed: u32,
        }
        let next: Vec<Next> = rows(
            &self.sql(),
            "SELECT (SELECT min(expires_at) FROM calls WHERE outcome IS NULL) AS at,
                    (SELECT count(*) FROM calls WHERE outcome IS NOT NULL) + (SELECT count(*) FROM events) AS n_owed",
            vec![],
        )?;
        let Some(next) = next.into_iter().next() else {
            return Ok(None);
        };
        if next.n_owed > 0 {
            return Ok(Some(DELAY_MS));
        }
        Ok(next.at.map(|at| at.0.saturating_sub(clock::now().0)))
    }

    /// Makes sure that an alarm comes within this time.
    async fn wake(&self, delay_ms: u64) -> Result<(), Problem> {
        let storage = self.state.storage();
        let set = storage.get_alarm().await?;
        let at = clock::now().plus(delay_ms).0;
        if set.is_none_or(|set| u64::try_from(set).unwrap_or(0) > at) {
            storage.set_alarm(Duration::from_millis(delay_ms)).await?;
        }
        Ok(())
    }
}

impl From<Call> for usage::UsageRow {
    fn from(call: Call) -> Self {
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
