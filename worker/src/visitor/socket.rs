//! The socket: the worker proves who is asking, then hands the upgrade to the visitor's object.

use oriel_shared::token::session::Access;
use oriel_shared::wire::visitor::SOCKET_PROTOCOL;

use crate::calls::{self, SocketRequest};
use crate::http::call::Call;
use crate::http::response::{HandlerResult, HttpReply};

/// Opens a visitor's socket. The client offered `oriel.v1` and its access token as subprotocols; the answer names
/// `oriel.v1` alone.
pub async fn open(call: Call<'_, Access>) -> HandlerResult {
    let env = call.env();
    let asked = SocketRequest {
        request_id: call.context.request_id.clone(),
        address: call.context.address,
        access: call.caller,
    };
    let socket = calls::socket(env, &asked).await?;
    Ok(HttpReply::socket(socket).with_header("sec-websocket-protocol", SOCKET_PROTOCOL))
}
