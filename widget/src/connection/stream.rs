//! Where sockets fail: a stream of events in, one request after the other out.

use oriel_shared::{digits::decimal, id::Seq, wire::visitor::ClientFrame};
use wasm_bindgen::JsValue;

use super::event_stream::EventStream;
use crate::{
    browser::{self, BoxFuture, Response},
    wire_codec::{Json, frames, json::object},
};

/// Listens until it is over. `receive` is called with every frame as text, and with an empty text whenever there is a
/// sign of life. Returns the response when it is no stream.
pub async fn listen(
    token: &str,
    after: Seq,
    abort: &JsValue,
    mut receive: impl FnMut(&str) + 'static,
) -> Option<Response> {
    let mut events = EventStream::default();
    let on_text = browser::register(move |read| {
        receive("");
        for frame in events.read(&read.text("value").unwrap_or_default()) {
            receive(&frame);
        }
    });
    let response = browser::stream(token, &decimal(after.0), abort, on_text).await;
    browser::cancel(on_text);
    response
}

/// Sends a frame. `None` when no response came.
pub fn send(token: String, frame: &ClientFrame) -> BoxFuture<Option<Response>> {
    let (path, body) = match frame {
        ClientFrame::Send { id, text, .. } => {
            ("/v1/messages", object(&[("id", id), ("text", text)]))
        }
        _ => ("/v1/frames", frames::client_frame(frame)),
    };
    browser::request("POST", path, token, body)
}
