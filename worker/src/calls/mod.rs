//! What the worker may ask of an object, named once for both sides.
//!
//! One file an object, with its calls, its replies, and the function that calls it. Here is how a call travels: as JSON,
//! and back as `Result<Reply, Problem>`.

mod admission;
mod model_budget;
mod team_feed;
mod visitor;
mod wake;

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use worker::{Method, Request, RequestInit, Response, Stub};

use crate::http::EVENTS_MEDIA_TYPE;
use crate::http::problem::Problem;

pub use admission::{AdmissionCall, AdmissionReply, admission};
pub use model_budget::{ModelBudgetCall, ModelBudgetReply, Reservation, Settlement, model_budget};
pub use team_feed::{FeedEvent, FeedRequest, TeamFeedCall, team_feed, watch};
pub use visitor::{
    LiveSession, MessagePage, OwnConversationRow, SOCKET_REQUEST_HEADER, SocketRequest,
    StreamRequest, TeamCall, TeamMessage, VisitorCall, VisitorReply, listen, socket, visitor,
};
pub use wake::{wake_importer, wake_webhook_sender};

/// Objects have no host; any would do.
const ORIGIN: &str = "https://object";

/// Path of calls inside an object.
const CALL_PATH: &str = "/call";

/// Path of sockets inside an object.
pub const SOCKET_PATH: &str = "/socket";

/// Path of streams inside an object.
pub const EVENTS_PATH: &str = "/events";

/// Calls an object; `part` is what an error calls it.
async fn ask<R: DeserializeOwned>(
    part: &str,
    object: &Stub,
    call: &impl Serialize,
) -> Result<R, Problem> {
    let response = send(part, object, CALL_PATH, call).await?;
    reply(part, response).await
}

/// What an object answered: a reply, or what is wrong with the call. It answers with another status than 200 when it could
/// not do it, and has logged why.
async fn reply<R: DeserializeOwned>(part: &str, mut response: Response) -> Result<R, Problem> {
    let down = |error: worker::Error| Problem::unavailable(part, &error);
    let text = response.text().await.map_err(down)?;
    if response.status_code() != 200 {
        return Err(Problem::unavailable(part, &text));
    }
    serde_json::from_str::<Result<R, Problem>>(&text)?
}

/// The problem of an object that answered something else than what was asked for. Not what it was: a reply may hold
/// somebody's words.
async fn unexpected(part: &str, response: Response) -> Problem {
    match reply::<IgnoredAny>(part, response).await {
        Ok(IgnoredAny) => Problem::unavailable(part, &"an unexpected reply"),
        Err(problem) => problem,
    }
}

async fn send(
    part: &str,
    object: &Stub,
    path: &str,
    call: &impl Serialize,
) -> Result<Response, Problem> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(serde_json::to_string(call)?.into()));
    reach(part, object, path, &init).await
}

/// The one place that hands an object a request; `part` as for [`ask`].
async fn reach(
    part: &str,
    object: &Stub,
    path: &str,
    init: &RequestInit,
) -> Result<Response, Problem> {
    let request = Request::new_with_init(&format!("{ORIGIN}{path}"), init)?;
    let sent = object.fetch_with_request(request).await;
    sent.map_err(|error| Problem::unavailable(part, &error))
}

fn is_events(response: &Response) -> bool {
    let media_type = response.headers().get("content-type").ok().flatten();
    media_type.is_some_and(|media_type| media_type == EVENTS_MEDIA_TYPE)
}
