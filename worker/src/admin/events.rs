//! The team feed: what happens, while it happens.

use oriel_shared::wire::problem::Code;

use super::Call;
use crate::calls::{self, FeedRequest};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// Streams what happens, as server-sent events in the shape that webhooks have, from now on or from after
/// `Last-Event-ID`.
pub async fn watch(call: Call<'_>) -> HandlerResult {
    let after = call.header("last-event-id")?;
    let after = after.map(|text| text.trim().parse()).transpose();
    let after = after.map_err(|_| {
        Problem::new(
            Code::InvalidQuery,
            "`Last-Event-ID` must be the number of an event.",
        )
    })?;
    let watching = FeedRequest {
        site: call.caller.site.clone(),
        after,
    };
    let stream = calls::watch(call.env(), call.org(), &watching).await?;
    Ok(HttpReply::events(stream))
}
