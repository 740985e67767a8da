//! A page of the web, fetched through its redirects.

use oriel_shared::egress::{EgressError, Target};
use oriel_shared::event::Actor;
use worker::{Env, Method};

use super::exchange::exchange;
use super::fetch::{BODY_MAX_BYTES, read, within_time};
use super::{OutboundError, OutboundRequest, log_refusal};

/// Hops after the first request.
const REDIRECTS_MAX: usize = 3;

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

/// Fetches a page with GET, through up to [`REDIRECTS_MAX`] redirects.
///
/// # Errors
/// Any [`OutboundError`].
pub async fn read_page(
    env: &Env,
    by: &Actor,
    from: &Target,
    accept: &str,
) -> Result<Page, OutboundError> {
    within_time(async |signal| {
        let mut target = from.clone();
        let mut n_redirects = 0;
        loop {
            let request = OutboundRequest {
                by,
                method: Method::Get,
                target: &target,
                headers: vec![("accept", accept.to_owned())],
                body: None,
            };
            let mut response = exchange(env, &request, signal).await?;
            let location = response.headers().get("location")?;
            let is_redirect = matches!(response.status_code(), 301 | 302 | 303 | 307 | 308);
            if let Some(location) = location.filter(|_| is_redirect) {
                n_redirects += 1;
                let next = if n_redirects > REDIRECTS_MAX {
                    Err(EgressError::Redirects)
                } else {
                    target.join(&location)
                };
                target = next.inspect_err(|&refusal| log_refusal(by, refusal))?;
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
