//! A socket: both directions in one.

use wasm_bindgen::JsValue;

use crate::{browser, wire_codec::Json};

/// Opens one. `receive` is called with every frame, `on_end` when it is over; a browser does not tell why.
pub fn open(
    token: &str,
    mut receive: impl FnMut(&str) + 'static,
    mut on_end: impl FnMut() + 'static,
) -> Option<JsValue> {
    let on_message =
        browser::register(move |event| receive(&event.text("data").unwrap_or_default()));
    let socket = browser::open_socket(token, on_message, browser::register(move |_| on_end()));
    // Two small closures a socket stay behind when it is gone; a socket lasts for hours.
    (!socket.is_undefined()).then_some(socket)
}
