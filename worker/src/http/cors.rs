//! Cross-origin calls, which follow from who an endpoint declares as its caller. Host pages are let in by the safelist
//! of their site: one exact origin, never a star, never a reflected unknown. Frames are pages of the edge's own origin,
//! and no other page may call what they call.

use oriel_shared::headers::Header;
use oriel_shared::wire::problem::Code;
use worker::{Request, Url};

use super::problem::Problem;
use super::response::HandlerResult;

/// Seconds for which a browser remembers a preflight.
const MAX_AGE_SECS: &str = "600";

/// The headers that a page may read of a refusal, besides its body.
const EXPOSED: &str = "retry-after, ratelimit, ratelimit-policy";

/// The headers that let a page on `origin` read the answer.
pub fn allow(origin: &str) -> Vec<Header> {
    vec![
        ("access-control-allow-origin", origin.to_owned()),
        ("access-control-expose-headers", EXPOSED.to_owned()),
        vary(),
    ]
}

/// The headers of the answer to a preflight from `origin`, for an endpoint of this method.
pub fn preflight(origin: &str, method: &str) -> Vec<Header> {
    let mut headers = allow(origin);
    headers.extend([
        ("access-control-allow-methods", method.to_owned()),
        ("access-control-allow-headers", "content-type".to_owned()),
        ("access-control-max-age", MAX_AGE_SECS.to_owned()),
    ]);
    headers
}

/// The header that says that the answer depends on the page which asks. Refusals have it, too.
pub fn vary() -> Header {
    ("vary", "Origin".to_owned())
}

/// The `Origin` header, as it was sent.
pub fn origin(request: &Request) -> Result<Option<String>, Problem> {
    Ok(request.headers().get("origin")?)
}

/// Adds headers to an answer or a refusal.
pub fn with_headers(outcome: HandlerResult, headers: &[Header]) -> HandlerResult {
    let headers = headers.iter().cloned();
    match outcome {
        Ok(reply) => Ok(headers.fold(reply, |reply, (name, value)| reply.with_header(name, value))),
        Err(problem) => Err(headers.fold(problem, |problem, (name, value)| {
            problem.with_header(name, value)
        })),
    }
}

/// Refuses pages of other origins than the edge's own. Cookies and tokens ride along with forged requests; a browser
/// names the page that forged them. A client that is no browser sends no `Origin`, and has no cookies that could be
/// used so.
///
/// # Errors
/// 403 `origin_not_allowed`.
pub fn refuse_foreign_pages(request: &Request, url: &Url) -> Result<(), Problem> {
    match origin(request)? {
        Some(origin) if origin != url.origin().ascii_serialization() => {
            Err(Problem::refused(Code::OriginNotAllowed))
        }
        _ => Ok(()),
    }
}
