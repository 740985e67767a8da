//! The metered calls of models, which D1 keeps.

use oriel_shared::model::budget::{is_month, month};
use oriel_shared::wire::usage::UsagePage;

use super::Call;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::usage::{self, UsageRow};

/// Lists the calls of the present month, unless another one is named, and their sum.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = call.page()?;
    let site = call.only_site()?;
    let month = call.query("month").unwrap_or_else(|| month(clock::now()));
    if !is_month(&month) {
        return Err(Problem::parameter("month", &"must be written like 2026-11"));
    }
    let (org, only) = (call.org(), site.as_deref());
    let rows = usage::list(call.db(), org, only, &month, &wanted).await?;
    let totals = usage::totals(call.db(), org, only, &month).await?;
    let cursor = |row: &UsageRow| query::TimeCursor {
        at: row.at.0,
        id: row.id.0.clone(),
    };
    let page = query::page(rows, wanted.limit, cursor, Into::into);
    HttpReply::ok(&UsagePage {
        month,
        totals,
        items: page.items,
        next_cursor: page.next_cursor,
    })
}
