//! What is on its way to a connection, what arrived, and what is parked until somebody replays it.

use oriel_shared::wire::admin::{Delivery, DeliveryStatus};
use oriel_shared::wire::problem::Code;

use super::{Call, connections};
use crate::calls;
use crate::clock;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::deliveries::{self, DeliveryRow, status_name};

/// `GET /v1/admin/connections/{id}/deliveries[?status=]`
pub async fn list(call: Call<'_>, connection: &str) -> HandlerResult {
    let connection = connections::find(&call, connection).await?;
    let wanted = query::wanted(call.url)?;
    let status = match query::param(call.url, "status") {
        None => None,
        Some(text) => Some(parse_status(&text)?),
    };
    let job = connections::job(&call, &connection);
    let rows = deliveries::list(&call.db, &job, status, &wanted).await?;
    let cursor = |row: &DeliveryRow| query::TimeCursor {
        at: row.created_at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Delivery::from))
}

/// `POST /v1/admin/connections/{id}/deliveries/{id}/replay`: sends it again, under the same id, from the first attempt.
pub async fn replay(call: Call<'_>, connection: &str, delivery: &str) -> HandlerResult {
    let connection = connections::find(&call, connection).await?;
    let job = connections::job(&call, &connection);
    let row = deliveries::replay(&call.db, &job, delivery, clock::now()).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    calls::wake_webhook_sender(call.env, &job).await?;
    HttpReply::ok(&Delivery::from(row))
}

fn parse_status(text: &str) -> Result<DeliveryStatus, Problem> {
    use DeliveryStatus::{Delivered, Due, Parked};
    [Due, Delivered, Parked]
        .into_iter()
        .find(|&status| status_name(status) == text)
        .ok_or_else(|| {
            let detail = "`status` is due, delivered or parked.";
            Problem::new(Code::InvalidQuery, detail)
        })
}
