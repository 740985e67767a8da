//! Who is calling from a frame: an access token. That its session still lives is for the visitor's object to say.

use oriel_shared::event::Actor;
use oriel_shared::token::TokenError;
use oriel_shared::token::session::Access;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::SOCKET_PROTOCOL;

use crate::http::call::{Call, Handle, Unknown};
use crate::http::problem::Problem;
use crate::http::response::HandlerResult;
use crate::{clock, config};

/// Has a call of a visitor handled.
///
/// # Errors
/// 401 `unauthorized` without an access token, 401 `token_invalid` or `token_expired`, the handler's.
pub async fn serve(call: Call<'_, Unknown>, handle: Handle<Access>) -> HandlerResult {
    let access = verify(&call, &token(&call)?)?;
    handle(call.by(access)?).await
}

/// The token that a call carries: in the `Authorization` header, or among the subprotocols of a socket, since browsers
/// let a socket carry nothing else that does not end up in a URL.
fn token(call: &Call<'_, Unknown>) -> Result<String, Problem> {
    if call.endpoint.is_socket {
        return token_of_socket(call);
    }
    let header = call.header("authorization")?.unwrap_or_default();
    let token = header.strip_prefix("Bearer ").ok_or_else(|| {
        Problem::refused(Code::Unauthorized).with_header("www-authenticate", "Bearer".to_owned())
    })?;
    Ok(token.to_owned())
}

fn token_of_socket(call: &Call<'_, Unknown>) -> Result<String, Problem> {
    let upgrade = call.header("upgrade")?;
    if !upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket")) {
        return Err(Problem::refused(Code::UpgradeRequired));
    }
    let offered = call.header("sec-websocket-protocol")?.unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    match (offered.next(), offered.next(), offered.next()) {
        (Some(SOCKET_PROTOCOL), Some(token), None) => Ok(token.to_owned()),
        _ => {
            let detail = format!("Offer the subprotocols `{SOCKET_PROTOCOL}` and an access token.");
            Err(Problem::new(Code::Unauthorized, detail))
        }
    }
}

/// Whose access token this is.
fn verify(call: &Call<'_, Unknown>, token: &str) -> Result<Access, Problem> {
    let access: Access = config::token_key(call.env())?
        .verify(token, clock::now())
        .map_err(|error| match error {
            TokenError::Expired { .. } => Problem::refused(Code::TokenExpired),
            _ => Problem::refused(Code::TokenInvalid),
        })?;
    let actor = Actor::Visitor(access.visitor.clone());
    call.context.set_actor(actor);
    Ok(access)
}
