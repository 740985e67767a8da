//! The way without a socket: a stream of events in, one request after the other out.

use js_sys::Uint8Array;
use oriel_shared::{id::Seq, wire::visitor::ClientFrame};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, Response};

use super::events::Events;
use crate::{
    browser::{self, Answer, Ask, Soon},
    reading::{self, Json},
};

/// Listens until it is over. `hear` is called with every frame as text, and with nothing whenever there is a sign of
/// life.
///
/// # Errors
/// The answer, when it is no stream; `None` when there is none.
pub async fn listen(
    token: &str,
    after: Seq,
    signal: &AbortSignal,
    mut hear: impl FnMut(&str),
) -> Result<(), Option<Answer>> {
    let response = browser::fetch(&Ask {
        token: Some(token),
        header: Some(("last-event-id", &after.0.to_string())),
        signal: Some(signal),
        ..Ask::new("GET", "/v1/events")
    });
    let response = response.await;
    let stream = response.as_ref().filter(|response| response.ok());
    let Some(body) = stream.and_then(Response::body) else {
        return Err(Answer::read(response).await);
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut events = Events::default();
    // A read fails when the network does, or when nobody wants the stream any more.
    while let Ok(read) = JsFuture::from(reader.read()).await {
        let Ok(bytes) = read.get("value").dyn_into::<Uint8Array>() else {
            break;
        };
        hear("");
        for frame in events.read(&bytes.to_vec()) {
            hear(&frame);
        }
    }
    Ok(())
}

/// Says something. `None` when no answer came.
pub fn say(token: &str, frame: &ClientFrame) -> Soon<Option<Answer>> {
    let (path, body) = match frame {
        ClientFrame::Send { id, text } => {
            let message = reading::object(&[("id", id), ("text", text)]);
            ("/v1/messages", message)
        }
        _ => ("/v1/frames", reading::client_frame(frame)),
    };
    browser::ask(&Ask {
        token: Some(token),
        body: Some(&body),
        ..Ask::new("POST", path)
    })
}
