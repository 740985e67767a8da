//! The socket: the worker proves who is asking, then hands the upgrade to the visitor's object.

use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::SOCKET_PROTOCOL;
use worker::Request;

use super::access;
use crate::calls::{self, SocketRequest};
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// `GET /v1/socket`. The client offers `oriel.v1` and its access token as subprotocols, since browsers let a socket
/// carry nothing else that does not end up in a URL; the answer names `oriel.v1` alone.
pub async fn open(request: &Request, context: &Context) -> HandlerResult {
    let headers = request.headers();
    if !headers
        .get("upgrade")?
        .is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"))
    {
        return Err(Problem::refused(Code::UpgradeRequired));
    }
    access::refuse_foreign_pages(request)?;
    let offered = headers.get("sec-websocket-protocol")?.unwrap_or_default();
    let mut offered = offered.split(',').map(str::trim);
    let (Some(SOCKET_PROTOCOL), Some(token), None) =
        (offered.next(), offered.next(), offered.next())
    else {
        let detail = format!("Offer the subprotocols `{SOCKET_PROTOCOL}` and an access token.");
        return Err(Problem::new(Code::Unauthorized, detail));
    };
    let access = access::verify(token, context)?;
    let asked = SocketRequest {
        access,
        request_id: context.request_id.clone(),
        address: context.address,
    };
    let socket = calls::socket(&context.env, &asked).await?;
    Ok(HttpReply::socket(socket).with_header("sec-websocket-protocol", SOCKET_PROTOCOL))
}
