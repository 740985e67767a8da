//! The only caller of the runtime's `fetch`, and the bounds on it: time and size. It checks nothing.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Request, RequestInit, Response, ResponseBody,
};

use super::OutboundError;

/// Bounds the whole exchange: resolving names, following redirects, reading the answer.
pub const TIME_MAX: Duration = Duration::from_secs(10);
/// Bounds the body of an answer, decompressed.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;
/// Names the caller to receivers.
pub const USER_AGENT: &str = concat!("Oriel/", env!("CARGO_PKG_VERSION"));

/// Asks the runtime. Whoever calls this has checked where it goes.
pub async fn fetch(
    url: &str,
    init: &RequestInit,
    signal: &AbortSignal,
) -> Result<Response, OutboundError> {
    let request = Request::new_with_init(url, init)?;
    Ok(Fetch::Request(request).send_with_signal(signal).await?)
}

/// Ends the exchange when the time is up, and leaves nothing of it open when it is done.
pub async fn within_time<T>(
    exchange: impl AsyncFnOnce(&AbortSignal) -> Result<T, OutboundError>,
) -> Result<T, OutboundError> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let outcome = match select(pin!(exchange(&signal)), pin!(Delay::from(TIME_MAX))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(OutboundError::Timeout),
    };
    controller.abort();
    outcome
}

/// Reads a body up to `max` bytes.
pub async fn read(response: &mut Response, max: usize) -> Result<Vec<u8>, OutboundError> {
    let mut bytes = Vec::new();
    if let ResponseBody::Empty = response.body() {
        return Ok(bytes);
    }
    let mut stream = response.stream()?;
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() > max {
            return Err(OutboundError::TooLarge);
        }
    }
    Ok(bytes)
}
