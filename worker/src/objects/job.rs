//! Work in the background for somebody, a little at a time: an object stores the job that it was given, and its alarm does
//! a part of it and sets the next one. D1 says what there is to do, so an alarm too many costs a look.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Response, State};

use crate::http::problem::Problem;

/// Key of the job in the object's storage.
const KEY: &str = "job";

/// Stores the job and begins at once.
pub async fn begin(state: &State, job: &impl Serialize) -> Result<(), Problem> {
    let storage = state.storage();
    storage.put(KEY, job).await?;
    Ok(storage.set_alarm(Duration::ZERO).await?)
}

/// The job, unless the object was never given one.
pub async fn stored<E: DeserializeOwned>(state: &State) -> Result<Option<E>, Problem> {
    Ok(state.storage().get(KEY).await?)
}

/// Ends an alarm. `run` is how many milliseconds there are until the next part, if there is one, or why this one could not
/// be done, as `doing` names it in the log: then it is tried again after `retry_ms`.
pub async fn end_alarm(
    state: &State,
    doing: &str,
    run: Result<Option<u64>, Problem>,
    retry_ms: u64,
) -> worker::Result<Response> {
    let wait_ms = run.unwrap_or_else(|problem| {
        super::log_failure(doing, &problem);
        Some(retry_ms)
    });
    if let Some(wait_ms) = wait_ms {
        let wait = Duration::from_millis(wait_ms);
        state.storage().set_alarm(wait).await?;
    }
    Response::empty()
}
