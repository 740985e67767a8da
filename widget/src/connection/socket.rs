//! A socket: both directions in one.

use js_sys::Array;
use oriel_shared::wire::visitor::SOCKET_PROTOCOL;
use web_sys::{MessageEvent, WebSocket};

use crate::{browser, reading::Json};

/// Opens one. `hear` is called with every frame, `end` when it is over; a browser does not tell why.
pub fn open(
    token: &str,
    mut hear: impl FnMut(&str) + 'static,
    end: impl FnMut() + 'static,
) -> Option<WebSocket> {
    let location = browser::window().location();
    // `https` becomes `wss`, `http` becomes `ws`.
    let origin = location.origin().unwrap_or_default();
    let url = [
        "ws",
        origin.strip_prefix("http").unwrap_or_default(),
        "/v1/socket",
    ]
    .concat();
    // The token goes where no address bar, no log and no referrer shows it.
    let protocols = Array::of2(&SOCKET_PROTOCOL.into(), &token.into());
    let socket = WebSocket::new_with_str_sequence(&url, &protocols).ok()?;
    let hear = move |event: MessageEvent| {
        if let Some(text) = event.data().text() {
            hear(&text);
        }
    };
    // Two small closures a socket stay behind when it is gone; a socket lasts for hours.
    browser::on(&socket, "message", hear);
    browser::listen(&socket, "close", end);
    Some(socket)
}
