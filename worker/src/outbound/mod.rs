//! The one way out to hosts that are not ours. Nothing else in the worker calls the runtime's `fetch` for them; a test
//! below holds the sources to that.
//!
//! Keeps true: every request passes the policy of `oriel_shared::egress` and every address of its host is public, on
//! every redirect hop as well; it ends within [`TIME_MAX`], or, for a model's stream, when whoever reads it says so; no
//! more than [`BODY_MAX_BYTES`] are read; it carries the headers that are written here and at the caller's, no cookie and
//! nothing of the request that led to it. A refusal is a line of the security log: who asked for it and which rule said
//! no, never where it would have gone.
//!
//! [`call`] brings a method, a body, credentials, and follows no redirect, as Standard Webhooks advises: what was signed
//! for one receiver is not handed to another; [`stream`] is the same with an answer that is read as it arrives. [`read_page`] brings none of them and follows up to [`REDIRECTS_MAX`]. So
//! nothing has to be dropped on the way.
//!
//! The runtime resolves the name once more when it connects, and offers no way to pin an address. Deployed, the flag
//! `global_fetch_strictly_public` stands behind this check; elsewhere it is the only one.

mod resolver;
pub mod webhook;

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use oriel_shared::egress::{EgressError, Target};
use oriel_shared::event::{Action, Actor, Event, Outcome, Reason};
use worker::{
    AbortController, AbortSignal, ByteStream, Delay, Env, Fetch, Headers, Method, Request,
    RequestInit, RequestRedirect, Response, ResponseBody,
};

use crate::{clock, events};

/// For the whole exchange: names resolved, redirects followed, answer read.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Of an answer's body, decompressed.
pub const BODY_MAX_BYTES: usize = 1024 * 1024;
/// Hops after the first request.
const REDIRECTS_MAX: usize = 3;
const USER_AGENT: &str = concat!("Oriel/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The policy does not let it through.
    #[error("{0}")]
    Blocked(#[from] EgressError),
    /// Not done within the time.
    #[error("did not answer within {} seconds", TIME_MAX.as_secs())]
    Timeout,
    /// No connection, or one that broke.
    #[error("could not be reached")]
    Unreachable,
    /// More than is read.
    #[error("answered with more than {BODY_MAX_BYTES} bytes")]
    TooLarge,
}

impl Failure {
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

impl From<worker::Error> for Failure {
    fn from(_: worker::Error) -> Self {
        Self::Unreachable
    }
}

/// A request to a foreign host.
pub struct Call<'a> {
    /// On whose behalf, for the log.
    pub by: &'a Actor,
    /// Its method.
    pub method: Method,
    /// Where it goes.
    pub target: &'a Target,
    /// Its headers; `User-Agent` is added.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Option<String>,
}

/// A page as it was read.
pub struct Page {
    /// Where it was found, after redirects.
    pub target: Target,
    /// The answer's status.
    pub status: u16,
    /// The answer's `Content-Type`.
    pub media_type: String,
    /// The answer's body.
    pub body: Vec<u8>,
}

/// Reads a URL and holds it to the policy.
///
/// # Errors
/// [`Failure::Blocked`], logged.
pub fn target(by: &Actor, text: &str) -> Result<Target, Failure> {
    Target::parse(text).map_err(|refusal| {
        note_blocked(by, refusal);
        refusal.into()
    })
}

/// Sends a request and tells the answer's status. The body is not read, redirects are answers.
///
/// # Errors
/// Any [`Failure`] but [`Failure::TooLarge`].
pub async fn call(env: &Env, call: Call<'_>) -> Result<u16, Failure> {
    within_time(async |signal| {
        let response = exchange(env, &call, signal).await?;
        Ok(response.status_code())
    })
    .await
}

/// An answer that is read as it arrives.
pub struct Stream {
    /// Its status.
    pub status: u16,
    /// Its `Content-Type`.
    pub media_type: String,
    body: Option<ByteStream>,
    n_read: usize,
}

impl Stream {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// [`Failure::Unreachable`] when it breaks off, [`Failure::TooLarge`].
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, Failure>> {
        let chunk = self.body.as_mut()?.next().await?;
        Some(chunk.map_err(Into::into).and_then(|bytes| {
            self.n_read += bytes.len();
            if self.n_read > BODY_MAX_BYTES {
                return Err(Failure::TooLarge);
            }
            Ok(bytes)
        }))
    }
}

/// Sends a request and opens its answer. Redirects are answers. The caller bounds the time, and ends the exchange by
/// `signal`.
///
/// # Errors
/// [`Failure::Blocked`] or [`Failure::Unreachable`].
pub async fn stream(env: &Env, call: &Call<'_>, signal: &AbortSignal) -> Result<Stream, Failure> {
    let mut response = exchange(env, call, signal).await?;
    let body = match response.body() {
        ResponseBody::Empty => None,
        _ => Some(response.stream()?),
    };
    Ok(Stream {
        status: response.status_code(),
        media_type: response.headers().get("content-type")?.unwrap_or_default(),
        body,
        n_read: 0,
    })
}

/// Fetches a page with GET, through up to [`REDIRECTS_MAX`] redirects.
///
/// # Errors
/// Any [`Failure`].
pub async fn read_page(
    env: &Env,
    by: &Actor,
    from: &Target,
    accept: &str,
) -> Result<Page, Failure> {
    within_time(async |signal| {
        let mut target = from.clone();
        let mut n_redirects = 0;
        loop {
            let call = Call {
                by,
                method: Method::Get,
                target: &target,
                headers: vec![("accept", accept.to_owned())],
                body: None,
            };
            let mut response = exchange(env, &call, signal).await?;
            let location = response.headers().get("location")?;
            let is_redirect = matches!(response.status_code(), 301 | 302 | 303 | 307 | 308);
            if let Some(location) = location.filter(|_| is_redirect) {
                n_redirects += 1;
                let next = if n_redirects > REDIRECTS_MAX {
                    Err(EgressError::Redirects)
                } else {
                    target.join(&location)
                };
                target = next.inspect_err(|&refusal| note_blocked(by, refusal))?;
                continue;
            }
            let (status, headers) = (response.status_code(), response.headers());
            let media_type = headers.get("content-type")?.unwrap_or_default();
            let body = read(&mut response, BODY_MAX_BYTES).await?;
            return Ok(Page {
                target,
                status,
                media_type,
                body,
            });
        }
    })
    .await
}

/// One request and the head of its answer, after every check.
async fn exchange(env: &Env, call: &Call<'_>, signal: &AbortSignal) -> Result<Response, Failure> {
    resolver::check(env, call.target, signal)
        .await
        .inspect_err(|&refusal| note_blocked(call.by, refusal))?;
    let headers = Headers::new();
    for (name, value) in &call.headers {
        headers.set(name, value)?;
    }
    headers.set("user-agent", USER_AGENT)?;
    let mut init = RequestInit::new();
    init.with_method(call.method.clone())
        .with_headers(headers)
        .with_body(call.body.as_deref().map(Into::into))
        .with_redirect(RequestRedirect::Manual);
    send(call.target.as_str(), &init, signal).await
}

async fn send(url: &str, init: &RequestInit, signal: &AbortSignal) -> Result<Response, Failure> {
    let request = Request::new_with_init(url, init)?;
    Ok(Fetch::Request(request).send_with_signal(signal).await?)
}

/// Ends the exchange when the time is up, and leaves nothing of it open when it is done.
async fn within_time<T>(
    exchange: impl AsyncFnOnce(&AbortSignal) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let outcome = match select(pin!(exchange(&signal)), pin!(Delay::from(TIME_MAX))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(Failure::Timeout),
    };
    controller.abort();
    outcome
}

/// Reads a body up to `max` bytes.
async fn read(response: &mut Response, max: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    if let ResponseBody::Empty = response.body() {
        return Ok(bytes);
    }
    let mut stream = response.stream()?;
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk?);
        if bytes.len() > max {
            return Err(Failure::TooLarge);
        }
    }
    Ok(bytes)
}

/// Logs a refusal: the reason, and the host of the request, or of the one that redirected to where it may not go. `None`
/// for a text that names no host.
fn note_blocked(by: &Actor, refusal: EgressError) {
    events::write(&Event {
        at: clock::now().rfc3339(),
        action: Action::EgressCall,
        outcome: Outcome::Refused,
        reason: Some(Reason(refusal.name())),
        actor: by,
        address: None,
        request_id: None,
    });
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// What may open a connection, and the files that may: `fetch_with_…` on a binding or an object stays inside.
    const WAYS_OUT: [(&str, &[&str]); 8] = [
        ("Fetch::", &["outbound/mod.rs"]),
        ("Fetch,", &["outbound/mod.rs"]),
        ("send_with_signal(", &["outbound/mod.rs"]),
        ("fetch_with_request(", &["calls/mod.rs"]),
        (".fetch(", &["visitor/assets.rs"]),
        ("WebSocket::connect", &[]),
        ("Socket::builder", &[]),
        ("web_sys", &[]),
    ];

    #[test]
    fn nothing_else_opens_a_connection() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        sources(&root, &mut files);
        let mut n_used = 0;
        for file in files {
            let name = file.strip_prefix(&root).expect("below it");
            let name = name.to_str().expect("plain names");
            let text = fs::read_to_string(&file).expect("text");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (way, allowed) in WAYS_OUT {
                let is_used = code.contains(way);
                assert!(!is_used || allowed.contains(&name), "{name} uses {way}");
                n_used += usize::from(is_used);
            }
        }
        assert!(n_used >= 5, "the names have changed: {n_used} found");
        // The net under the worker hands requests in, never out.
        let entry = fs::read_to_string(root.join("../entry.mjs")).expect("entry.mjs");
        for call in entry.split("fetch(").skip(1) {
            assert!(call.starts_with("request)"), "entry.mjs calls fetch({call}");
        }
    }
}
