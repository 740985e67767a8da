//! The way without a socket: a stream of events in, one request after the other out.

use oriel_shared::{digits::decimal, id::Seq, wire::visitor::ClientFrame};
use wasm_bindgen::JsValue;

use super::events::Events;
use crate::{
    browser::{self, Answer, Soon},
    wire_codec::{self, Json},
};

/// Listens until it is over. `hear` is called with every frame as text, and with nothing whenever there is a sign of
/// life. Returns the answer when it is no stream.
pub async fn listen(
    token: &str,
    after: Seq,
    abort: &JsValue,
    mut hear: impl FnMut(&str) + 'static,
) -> Option<Answer> {
    let mut events = Events::default();
    let words = browser::hear(move |read| {
        hear("");
        for frame in events.read(&read.text("value").unwrap_or_default()) {
            hear(&frame);
        }
    });
    let answer = browser::stream(token, &decimal(after.0), abort, words).await;
    browser::cancel(words);
    answer
}

/// Says something. `None` when no answer came.
pub fn say(token: String, frame: &ClientFrame) -> Soon<Option<Answer>> {
    let (path, body) = match frame {
        ClientFrame::Send { id, text, .. } => {
            let message = wire_codec::object(&[("id", id), ("text", text)]);
            ("/v1/messages", message)
        }
        _ => ("/v1/frames", wire_codec::client_frame(frame)),
    };
    browser::ask("POST", path, token, body)
}
