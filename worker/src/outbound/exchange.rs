//! One request to a foreign host, after every address of that host was checked.

use worker::{AbortSignal, Env, Headers, RequestInit, RequestRedirect, Response};

use super::fetch::{USER_AGENT, fetch};
use super::{OutboundError, OutboundRequest, log_refusal, resolver};

/// One request and the head of its answer, after every check.
pub async fn exchange(
    env: &Env,
    request: &OutboundRequest<'_>,
    signal: &AbortSignal,
) -> Result<Response, OutboundError> {
    let OutboundRequest {
        by,
        method,
        target,
        headers,
        body,
    } = request;
    resolver::check(env, target, signal)
        .await
        .inspect_err(|&refusal| log_refusal(by, refusal))?;
    let sent = Headers::new();
    for (name, value) in headers {
        sent.set(name, value)?;
    }
    sent.set("user-agent", USER_AGENT)?;
    let mut init = RequestInit::new();
    init.with_method(method.clone())
        .with_headers(sent)
        .with_body(body.as_deref().map(Into::into))
        .with_redirect(RequestRedirect::Manual);
    fetch(target.as_str(), &init, signal).await
}
