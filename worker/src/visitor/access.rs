//! Who is calling from a frame: an access token. That its session still lives is for the visitor's object to say.

use oriel_shared::event::Actor;
use oriel_shared::token::TokenError;
use oriel_shared::token::session::Access;
use oriel_shared::wire::problem::Code;
use worker::Request;

use crate::http::context::Context;
use crate::http::cors;
use crate::http::problem::Problem;
use crate::{clock, config};

/// Whose access token stands in the `Authorization` header.
///
/// # Errors
/// 403 `origin_not_allowed` for pages of other origins than the frame's, 401 `unauthorized` without a token, 401
/// `token_invalid` or `token_expired`.
pub fn check(request: &Request, context: &Context) -> Result<Access, Problem> {
    refuse_foreign_pages(request)?;
    let header = request.headers().get("authorization")?.unwrap_or_default();
    let token = header.strip_prefix("Bearer ").ok_or_else(|| {
        Problem::refused(Code::Unauthorized).with_header("www-authenticate", "Bearer".to_owned())
    })?;
    verify(token, context)
}

/// Whose access token this is.
///
/// # Errors
/// 401 `token_invalid` or `token_expired`.
pub fn verify(token: &str, context: &Context) -> Result<Access, Problem> {
    let access: Access = config::token_key(&context.env)?
        .verify(token, clock::now())
        .map_err(|error| match error {
            TokenError::Expired { .. } => Problem::refused(Code::TokenExpired),
            _ => Problem::refused(Code::TokenInvalid),
        })?;
    context.is_by(Actor::Visitor(access.visitor.clone()));
    Ok(access)
}

/// Cookies and tokens ride along with forged requests; a browser names the page that forged them.
///
/// # Errors
/// 403 `origin_not_allowed`.
pub fn refuse_foreign_pages(request: &Request) -> Result<(), Problem> {
    if cors::is_cross_origin(request)? {
        Err(Problem::refused(Code::OriginNotAllowed))
    } else {
        Ok(())
    }
}
