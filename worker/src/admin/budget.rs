//! What the organisation's models may use. Its budget object keeps the bounds and counts the month.

use oriel_shared::wire::usage::BudgetChange;

use super::Call;
use crate::calls::{self, ModelBudgetCall, ModelBudgetReply};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// Shows the bounds, and where the month stands.
pub async fn show(call: Call<'_>) -> HandlerResult {
    ask(&call, &ModelBudgetCall::Show).await
}

/// Changes the bounds that are named.
pub async fn change(mut call: Call<'_>) -> HandlerResult {
    let change: BudgetChange = call.body().await?;
    ask(&call, &ModelBudgetCall::Change(change)).await
}

async fn ask(call: &Call<'_>, question: &ModelBudgetCall) -> HandlerResult {
    match calls::model_budget(call.env(), call.org(), question).await? {
        ModelBudgetReply::State(state) => HttpReply::ok(&state),
        ModelBudgetReply::Done | ModelBudgetReply::Over => {
            Err(Problem::ours("model_budget", &"an unexpected reply"))
        }
    }
}
