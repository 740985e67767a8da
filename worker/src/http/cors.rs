//! CORS for the one call that a host page makes: its ticket. One exact origin, never a star, never a reflected unknown.

use oriel_shared::headers::Header;
use worker::Request;

use super::problem::Problem;

/// A preflight is asked for once in ten minutes.
const MAX_AGE_SECS: &str = "600";

/// What a page may read of a refusal besides its body.
const EXPOSED: &str = "retry-after, ratelimit, ratelimit-policy";

/// What lets a page on `origin` read this answer.
pub fn allow(origin: &str) -> Vec<Header> {
    vec![
        ("access-control-allow-origin", origin.to_owned()),
        ("access-control-expose-headers", EXPOSED.to_owned()),
        vary(),
    ]
}

/// What answers a preflight from `origin`.
pub fn preflight(origin: &str) -> Vec<Header> {
    let mut headers = allow(origin);
    headers.extend([
        ("access-control-allow-methods", "POST".to_owned()),
        ("access-control-allow-headers", "content-type".to_owned()),
        ("access-control-max-age", MAX_AGE_SECS.to_owned()),
    ]);
    headers
}

/// The answer depends on who asks, also when the answer is no.
pub fn vary() -> Header {
    ("vary", "Origin".to_owned())
}

/// The `Origin` header as it was sent.
pub fn origin(request: &Request) -> Result<Option<String>, Problem> {
    Ok(request.headers().get("origin")?)
}

/// Whether a browser sent this from a page of another origin than the edge's own. What is not a browser has no
/// `Origin`, and nothing that a forged request could ride on.
pub fn is_cross_origin(request: &Request) -> Result<bool, Problem> {
    let Some(origin) = origin(request)? else {
        return Ok(false);
    };
    let url = request.url()?;
    Ok(url.origin().ascii_serialization() != origin)
}
