//! What a visitor hears without a socket: the frames of the server as server-sent events.

use oriel_shared::id::Seq;
use oriel_shared::token::session::Access;
use oriel_shared::wire::problem::Code;

use crate::calls::{self, StreamRequest};
use crate::http::call::Call;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// Streams a welcome, everything after `Last-Event-ID`, and from then on what happens.
pub async fn listen(call: Call<'_, Access>) -> HandlerResult {
    let after = match call.header("last-event-id")? {
        None => Seq(0),
        Some(text) => Seq(text.trim().parse().map_err(|_| {
            let detail = "`Last-Event-ID` must be the sequence number of a message.";
            Problem::new(Code::InvalidQuery, detail)
        })?),
    };
    let env = call.env();
    let listening = StreamRequest {
        access: call.caller,
        after,
    };
    let stream = calls::listen(env, &listening).await?;
    Ok(HttpReply::events(stream))
}
