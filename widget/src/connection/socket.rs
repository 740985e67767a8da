//! A socket: both directions in one.

use wasm_bindgen::JsValue;

use crate::{browser, wire_codec::Json};

/// Opens one. `hear` is called with every frame, `end` when it is over; a browser does not tell why.
pub fn open(
    token: &str,
    mut hear: impl FnMut(&str) + 'static,
    mut end: impl FnMut() + 'static,
) -> Option<JsValue> {
    let words = browser::hear(move |event| hear(&event.text("data").unwrap_or_default()));
    let socket = browser::open_socket(token, words, browser::hear(move |_| end()));
    // Two small closures a socket stay behind when it is gone; a socket lasts for hours.
    (!socket.is_undefined()).then_some(socket)
}
