//! What a name stands for, asked of the operator's resolver over HTTPS. Every address has to be public; a resolver that
//! does not answer lets nothing through.
//!
//! The resolver is configuration of the operator (`DOH_URL`), not input: its own URL is not held to the policy, so that
//! it may be one of a private network.

use futures_util::future::try_join;
use oriel_shared::dns::{self, Record};
use oriel_shared::egress::{EgressError, Target, check_address};
use worker::{AbortSignal, Env, Headers, RequestInit, RequestRedirect, Url};

use super::OutboundError;
use super::fetch::{USER_AGENT, fetch, read};
use crate::config;
use crate::http::problem::Problem;

/// Far more than the records of any name.
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// Checks every address of a target's host. An address in the URL was checked when it was read.
///
/// # Errors
/// [`EgressError::Unresolved`], [`EgressError::NoAddress`], or what [`check_address`] says of the first bad one.
pub async fn check(env: &Env, target: &Target, signal: &AbortSignal) -> Result<(), EgressError> {
    let Some(name) = target.name() else {
        return Ok(());
    };
    let unresolved = |problem: Problem| {
        note(problem.cause());
        EgressError::Unresolved
    };
    let base = config::resolver(env).map_err(unresolved)?;
    let (v4, v6) = try_join(
        ask(&base, name, Record::A, signal),
        ask(&base, name, Record::Aaaa, signal),
    )
    .await
    .map_err(unresolved)?;
    if v4.is_empty() && v6.is_empty() {
        return Err(EgressError::NoAddress);
    }
    v4.into_iter().chain(v6).try_for_each(check_address)
}

async fn ask(
    base: &str,
    name: &str,
    record: Record,
    signal: &AbortSignal,
) -> Result<Vec<std::net::IpAddr>, Problem> {
    let failed =
        |cause: &dyn std::fmt::Display| Problem::unavailable("resolver", &cause.to_string());
    let mut url = Url::parse(base).map_err(|error| failed(&error))?;
    url.query_pairs_mut()
        .append_pair("name", name)
        .append_pair("type", record.name());
    let headers = Headers::new();
    headers.set("accept", "application/dns-json")?;
    headers.set("user-agent", USER_AGENT)?;
    let mut init = RequestInit::new();
    init.with_headers(headers)
        .with_redirect(RequestRedirect::Manual);
    let reply = async {
        let mut response = fetch(url.as_str(), &init, signal).await?;
        let body = read(&mut response, ANSWER_MAX_BYTES).await?;
        Ok::<_, OutboundError>((response.status_code(), body))
    };
    let (status, body) = reply.await.map_err(|failure| failed(&failure))?;
    if status != 200 {
        return Err(failed(&format!("status {status}")));
    }
    dns::addresses(record, &body).map_err(|error| failed(&error))
}

/// Logs a resolver that fails, which is the operator's to mend.
fn note(cause: &str) {
    let line = serde_json::json!({ "event": "resolver_failed", "cause": cause });
    worker::console_error!("{line}");
}
