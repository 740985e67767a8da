//! What happens, as it happens.

use oriel_shared::wire::problem::Code;
use worker::Request;

use super::Call;
use crate::calls::{self, FeedRequest};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// `GET /v1/admin/events`: server-sent events in the shape that webhooks have, from now on or from after `Last-Event-ID`.
pub async fn watch(call: Call<'_>, request: Request) -> HandlerResult {
    let after = request.headers().get("last-event-id")?;
    let after = after.map(|text| text.trim().parse()).transpose();
    let after = after.map_err(|_| {
        Problem::new(
            Code::InvalidQuery,
            "`Last-Event-ID` is the number of an event.",
        )
    })?;
    let watching = FeedRequest {
        site: call.caller.site,
        after,
    };
    let stream = calls::watch(call.env, &call.caller.org, &watching).await?;
    Ok(HttpReply::events(stream))
}
