//! An organisation's model budget: every call of a model is reserved here before it is made, and settled after.
//!
//! Keeps true: there is one instance, and between two of its events nothing is undecided, so that bounds hold exactly
//! however many ask at once; a reservation is on disk before its call is made. One that nobody settles (the edge died)
//! counts as spent in full when its time is up. There is one event at four fifths of a month's budget and one at its
//! end. Rows and events reach D1 by an alarm, in batches that may arrive twice. A model budget that does not answer lets no
//! call be made (`answer/` goes on with the documents).

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

mod bounds;
mod budget_events;
mod model_calls;
mod months;

use std::time::Duration;

use oriel_shared::id::OrgId;
use oriel_shared::model::budget::{self, Amount, ExceededLimit};
use oriel_shared::wire::usage::{BudgetChange, BudgetState};
use oriel_shared::wire::webhook::EventKind;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::{log_failure, sql};
use crate::calls::{self, ModelBudgetCall, ModelBudgetReply, Reservation, Settlement};
use crate::clock;
use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::deliveries::NewEvent;
use crate::store::usage::{self, UsageRow};

use bounds::Bounds;
use budget_events::BudgetEvents;
use model_calls::{ModelCall, ModelCalls};
use months::Months;

/// From nothing to the present, step by step: see [`sql::migrate`].
const MIGRATIONS: &[&str] = &[
    bounds::TABLES,
    months::TABLES,
    model_calls::TABLES,
    budget_events::TABLES,
];

/// Long enough to catch several calls in one batch.
const DELAY_MS: u64 = 500;
/// When D1 does not answer.
const DATABASE_RETRY_MS: u64 = 15_000;
/// Rows of one batch.
const BATCH: u64 = 50;

/// One organisation's model budget.
#[durable_object]
pub struct ModelBudget {
    state: State,
    env: Env,
    bounds: Bounds,
    months: Months,
    calls: ModelCalls,
    events: BudgetEvents,
}

impl DurableObject for ModelBudget {
    fn new(state: State, env: Env) -> Self {
        let sql = state.storage().sql();
        // A constructor has nobody to tell; the first statement on a missing table will.
        if let Err(problem) = sql::migrate(&sql, MIGRATIONS) {
            log_failure("schema", &problem);
        }
        Self {
            state,
            env,
            bounds: Bounds::new(sql.clone()),
            months: Months::new(sql.clone()),
            calls: ModelCalls::new(sql.clone()),
            events: BudgetEvents::new(sql),
        }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        super::answer(self.call(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        let delay_ms = self.on_alarm().await.unwrap_or_else(|problem| {
            log_failure("model_budget", &problem);
            Some(DATABASE_RETRY_MS)
        });
        if let Some(delay_ms) = delay_ms {
            let storage = self.state.storage();
            storage.set_alarm(Duration::from_millis(delay_ms)).await?;
        }
        Response::empty()
    }
}

impl ModelBudget {
    async fn call(&self, request: &mut Request) -> Result<ModelBudgetReply, Problem> {
        match serde_json::from_str(&request.text().await?)? {
            ModelBudgetCall::Reserve(reservation) => self.reserve(reservation).await,
            ModelBudgetCall::Settle(settlement) => self.settle(settlement).await,
            ModelBudgetCall::Show => self.state_now().map(ModelBudgetReply::State),
            ModelBudgetCall::Change(change) => self.change(&change),
        }
    }

    async fn reserve(&self, asked: Reservation) -> Result<ModelBudgetReply, Problem> {
        let now = clock::now();
        let month = budget::month(now);
        let (bounds, arrival) = self.bounds.read()?;
        let spent = self.months.spent(&month)?;
        let spent = spent.plus(self.calls.reserved(&month)?);
        let worst = Amount::new(asked.tokens, asked.cost);
        let arrival = match budget::admit(&bounds, spent, arrival, worst, now) {
            Ok(arrival) => arrival,
            Err(exceeded) => {
                if exceeded == ExceededLimit::Month {
                    self.add_event(&asked.org, &month, EventKind::BudgetExceeded)?;
                    self.wake(DELAY_MS).await?;
                }
                return Ok(ModelBudgetReply::Over);
            }
        };
        self.bounds.set_arrival(arrival)?;
        let time_ms = self.calls.begin(asked, &month, now)?;
        self.wake(time_ms).await?;
        Ok(ModelBudgetReply::Done)
    }

    async fn settle(&self, settlement: Settlement) -> Result<ModelBudgetReply, Problem> {
        let Some(call) = self.calls.find(&settlement.id)? else {
            // Its time was up, and it counts as spent.
            return Ok(ModelBudgetReply::Done);
        };
        let used = call.settled(settlement, clock::now());
        let (bounds, arrival) = self.bounds.read()?;
        self.bounds.set_arrival(budget::correct(
            &bounds,
            arrival,
            call.amount(),
            used.amount(),
        ))?;
        self.spend(&used)?;
        self.wake(DELAY_MS).await?;
        Ok(ModelBudgetReply::Done)
    }

    /// Enters a call that is over.
    fn spend(&self, call: &ModelCall) -> Result<(), Problem> {
        self.calls.end(call)?;
        self.months.add(&call.month, call.amount())?;
        let (bounds, _) = self.bounds.read()?;
        match budget::threshold_event(&bounds, self.months.spent(&call.month)?) {
            Some(kind) => self.add_event(&call.org_id, &call.month, kind),
            None => Ok(()),
        }
    }

    /// Adds an event of a month, unless there was one of its rank.
    fn add_event(&self, org: &OrgId, month: &str, kind: EventKind) -> Result<(), Problem> {
        if !self.months.set_event(month, kind)? {
            return Ok(());
        }
        self.events.add(org, kind, self.state_of(month)?)
    }

    fn state_now(&self) -> Result<BudgetState, Problem> {
        self.state_of(&budget::month(clock::now()))
    }

    fn state_of(&self, month: &str) -> Result<BudgetState, Problem> {
        let (budget, _) = self.bounds.read()?;
        let (spent, reserved) = (self.months.spent(month)?, self.calls.reserved(month)?);
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
        let (mut bounds, _) = self.bounds.read()?;
        bounds
            .apply(change)
            .map_err(|(field, max)| Problem::field(field, &format!("must be 0 to {max}")))?;
        self.bounds.set(&bounds)?;
        self.state_now().map(ModelBudgetReply::State)
    }

    /// Enters what is lost and writes to D1. Returns how long to wait for what is next.
    async fn on_alarm(&self) -> Result<Option<u64>, Problem> {
        let now = clock::now();
        for call in self.calls.expired(now)? {
            self.spend(&call.lost(now))?;
        }
        self.sync().await?;
        let agenda = self.calls.agenda()?;
        if agenda.n_settled > 0 || !self.events.list()?.is_empty() {
            return Ok(Some(DELAY_MS));
        }
        let now = clock::now().0;
        Ok(agenda.expires_at.map(|at| at.0.saturating_sub(now)))
    }

    /// Writes rows and events to D1, and removes them here.
    async fn sync(&self) -> Result<(), Problem> {
        loop {
            let ended = self.calls.ended(BATCH)?;
            let events = self.events.list()?;
            let of_call = ended.first().map(|call| call.org_id.clone());
            let of_event = events.first().map(|event| event.org_id.clone());
            let Some(org) = of_call.or(of_event) else {
                return Ok(());
            };
            let metered: Vec<UsageRow> = ended.into_iter().map(Into::into).collect();
            let events: Vec<NewEvent> = events.into_iter().map(Into::into).collect();
            let db = Db::open(&self.env)?;
            let jobs = usage::write(&db, &org, &metered, &events, clock::now()).await?;
            for row in &metered {
                self.calls.remove(&row.id)?;
            }
            for event in &events {
                self.events.remove(&event.id)?;
            }
            for job in &jobs {
                // A webhook sender that cannot be woken is woken by a job soon.
                if let Err(problem) = calls::wake_webhook_sender(&self.env, job).await {
                    log_failure("wake", &problem);
                }
            }
        }
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
