//! What the organisation's models may use, and what they used. The bounds and the month are in its model budget, the metered
//! calls in D1.

use oriel_shared::model::budget::{is_month, month};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::usage::{BudgetChange, UsagePage};
use worker::Request;

use super::Call;
use crate::calls::{self, ModelBudgetCall, ModelBudgetReply};
use crate::clock;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::http::{body, query};
use crate::store::usage::{self, UsageRow};

/// A budget is the organisation's.
fn check(call: &Call<'_>) -> Result<(), Problem> {
    if call.caller.site.is_none() {
        return Ok(());
    }
    Err(Problem::new(
        Code::Forbidden,
        "This key is held to one site; the budget is the organisation's.",
    ))
}

/// `GET /v1/admin/budget`
pub async fn show(call: Call<'_>) -> HandlerResult {
    check(&call)?;
    ask(&call, &ModelBudgetCall::Show).await
}

/// `PATCH /v1/admin/budget`
pub async fn change(call: Call<'_>, mut request: Request) -> HandlerResult {
    check(&call)?;
    let change: BudgetChange = body::json(&mut request, body::MAX_BYTES).await?;
    ask(&call, &ModelBudgetCall::Change(change)).await
}

async fn ask(call: &Call<'_>, question: &ModelBudgetCall) -> HandlerResult {
    match calls::model_budget(call.env, &call.caller.org, question).await? {
        ModelBudgetReply::State(state) => HttpReply::ok(&state),
        ModelBudgetReply::Done | ModelBudgetReply::Over => {
            Err(Problem::ours("model_budget", &"an unexpected reply"))
        }
    }
}

/// `GET /v1/admin/usage[?site=&month=]`: the present month unless another one is named.
pub async fn usage(call: Call<'_>) -> HandlerResult {
    let wanted = query::wanted(call.url)?;
    let site = call.only_site(query::param(call.url, "site"))?;
    let month = query::param(call.url, "month").unwrap_or_else(|| month(clock::now()));
    if !is_month(&month) {
        let why = "`month` is written like 2026-11.";
        return Err(Problem::new(Code::InvalidQuery, why));
    }
    let (org, only) = (&call.caller.org, site.as_deref());
    let rows = usage::list(&call.db, org, only, &month, &wanted).await?;
    let totals = usage::totals(&call.db, org, only, &month).await?;
    let place = |row: &UsageRow| query::TimeCursor {
        at: row.at.0,
        id: row.id.0.clone(),
    };
    let page = query::page(rows, wanted.limit, place, Into::into);
    HttpReply::ok(&UsagePage {
        month,
        totals,
        items: page.items,
        next_cursor: page.next_cursor,
    })
}
