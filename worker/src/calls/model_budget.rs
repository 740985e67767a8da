//! Calls to an organisation's model budget.

use oriel_shared::id::{OrgId, SiteId, UsageId};
use oriel_shared::model::tokens::Tokens;
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::usage::{BudgetChange, BudgetState};
use serde::{Deserialize, Serialize};
use worker::Env;

use super::ask;
use crate::http::problem::Problem;

/// A call to an organisation's model budget.
#[derive(Serialize, Deserialize)]
pub enum ModelBudgetCall {
    /// Reserves what a call may use, before it is made.
    Reserve(Reservation),
    /// Settles a call that was made.
    Settle(Settlement),
    /// Shows the bounds, and what the month has used.
    Show,
    /// Changes the bounds.
    Change(BudgetChange),
}

/// A call that is about to be made, and the most that it may use.
#[derive(Serialize, Deserialize)]
pub struct Reservation {
    /// The call.
    pub id: UsageId,
    /// Whose model budget it is.
    pub org: OrgId,
    /// For which site.
    pub site: SiteId,
    /// The model's provider.
    pub provider: Provider,
    /// The model's name there.
    pub model: String,
    /// The most that it may use.
    pub tokens: Tokens,
    /// What that costs, in millionths of the currency.
    pub cost: u64,
    /// How long it may take, in milliseconds.
    pub time_ms: u64,
}

/// What came of a call.
#[derive(Serialize, Deserialize)]
pub struct Settlement {
    /// The call.
    pub id: UsageId,
    /// The tokens that it used.
    pub tokens: Tokens,
    /// What that cost, in millionths of the currency.
    pub cost: u64,
    /// Its outcome in a word, for the meter.
    pub outcome: String,
}

/// What a model budget answers.
#[derive(Serialize, Deserialize)]
pub enum ModelBudgetReply {
    /// The call is entered; one that was reserved may be made.
    Done,
    /// A bound would be exceeded: the call may not be made.
    Over,
    /// The bounds, and what the month has used.
    State(BudgetState),
}

/// Asks an organisation's model budget.
///
/// # Errors
/// 503 `unavailable` when the model budget does not answer: then no model is called. 422 `invalid_field` for a bound that
/// is higher than any may be.
pub async fn model_budget(
    env: &Env,
    org: &OrgId,
    call: &ModelBudgetCall,
) -> Result<ModelBudgetReply, Problem> {
    let model_budget = env
        .durable_object("MODEL_BUDGETS")?
        .get_by_name(org.as_str())?;
    ask("model_budget", &model_budget, call).await
}
