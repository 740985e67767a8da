//! The one way out to hosts that are not ours. [`fetch`] alone calls the runtime's `fetch` for them; `tidy/ways_out.rs`
//! holds the sources to that.
//!
//! Keeps true: every request passes the policy of `oriel_shared::egress` and every address of its host is public, on
//! every redirect hop as well; it ends within [`fetch::TIME_MAX`], or, for a model's stream, when whoever reads it says
//! so; no more than [`fetch::BODY_MAX_BYTES`] are read; it carries the headers that are written here and at the
//! caller's, no cookie and nothing of the request that led to it. A refusal is a line of the security log: who asked
//! for it and which rule said no, never where it would have gone.
//!
//! [`send`] and [`open_stream`] bring a method, a body and credentials, and follow no redirect, as Standard Webhooks
//! advises: what was signed for one receiver is not handed to another. [`read_page`] brings none of them and follows a
//! few redirects. So nothing has to be dropped on the way.
//!
//! The runtime resolves the name once more when it connects, and offers no way to pin an address. Deployed, the flag
//! `global_fetch_strictly_public` stands behind this check; elsewhere it is the only one.

mod exchange;
mod fetch;
mod page;
mod resolver;
mod stream;
pub mod webhook;

use oriel_shared::egress::{EgressError, Target};
use oriel_shared::event::{Action, Actor, Event, Outcome, Reason};
use worker::{Env, Method};

pub use self::page::{Page, read_page};
pub use self::stream::{Stream, open_stream};
use crate::{clock, events};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The policy does not let it through.
    #[error("{0}")]
    Blocked(#[from] EgressError),
    /// Not done within the time.
    #[error("did not answer within {} seconds", fetch::TIME_MAX.as_secs())]
    Timeout,
    /// No connection, or one that broke.
    #[error("could not be reached")]
    Unreachable,
    /// More than is read.
    #[error("answered with more than {} bytes", fetch::BODY_MAX_BYTES)]
    TooLarge,
}

impl OutboundError {
    /// Stable name for logs and deliveries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocked(refusal) => refusal.name(),
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::TooLarge => "too_large",
        }
    }
}

impl From<worker::Error> for OutboundError {
    fn from(_: worker::Error) -> Self {
        Self::Unreachable
    }
}

/// A request to a foreign host.
pub struct OutboundRequest<'r> {
    /// The actor on whose behalf it is sent, for the log.
    pub by: &'r Actor,
    /// Its method.
    pub method: Method,
    /// Where it goes.
    pub target: &'r Target,
    /// Its headers; `User-Agent` is added.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Option<String>,
}

/// Reads a URL and holds it to the policy.
///
/// # Errors
/// [`OutboundError::Blocked`], logged.
pub fn target(by: &Actor, text: &str) -> Result<Target, OutboundError> {
    Target::parse(text).map_err(|refusal| {
        log_refusal(by, refusal);
        refusal.into()
    })
}

/// Sends a request and returns the answer's status. The body is not read, redirects are answers.
///
/// # Errors
/// Any [`OutboundError`] but [`OutboundError::TooLarge`].
pub async fn send(env: &Env, request: &OutboundRequest<'_>) -> Result<u16, OutboundError> {
    fetch::within_time(async |signal| {
        let response = exchange::exchange(env, request, signal).await?;
        Ok(response.status_code())
    })
    .await
}

/// Logs a refusal: on whose behalf the request was, and which rule it broke. Where it would have gone is not logged.
fn log_refusal(by: &Actor, refusal: EgressError) {
    events::write(&Event {
        at: clock::now().rfc3339(),
        action: Action::EGRESS_CALL,
        outcome: Outcome::Refused,
        reason: Some(Reason(refusal.name())),
        actor: by,
        address: None,
        request_id: None,
    });
}
