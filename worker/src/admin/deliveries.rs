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

const STATUSES: [DeliveryStatus; 3] = [
    DeliveryStatus::Due,
    DeliveryStatus::Delivered,
    DeliveryStatus::Parked,
];

/// Lists the deliveries of a connection, the newest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let connection = connections::find(&call).await?;
    let wanted = call.page()?;
    let status = query::one_of("status", call.query("status"), &STATUSES, status_name)?;
    let job = connections::job(&call, &connection);
    let rows = deliveries::list(call.db(), &job, status, &wanted).await?;
    let cursor = |row: &DeliveryRow| query::TimeCursor {
        at: row.created_at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Delivery::from))
}

/// Sends a delivery again, under its old id, beginning with the first attempt.
pub async fn replay(call: Call<'_>) -> HandlerResult {
    let connection = connections::find(&call).await?;
    let job = connections::job(&call, &connection);
    let row = deliveries::replay(call.db(), &job, call.param("delivery"), clock::now()).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    calls::wake_webhook_sender(call.env(), &job).await?;
    HttpReply::ok(&Delivery::from(row))
}
