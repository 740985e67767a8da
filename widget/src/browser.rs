//! What the widget asks of the browser besides drawing: time, chance, timers, one kind of request, cookies.

use js_sys::{Array, Date, Function, JSON, Promise, Uint8Array};
use oriel_shared::id::UnixMs;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response, Window};

use crate::reading::Json;

/// A request that has not been answered for this long has failed; it is tried again with a back-off.
const REQUEST_TIMEOUT_MS: u32 = 20_000;

/// The frame's window.
pub fn window() -> Window {
    web_sys::window().expect("the widget runs in a window")
}

/// The time.
pub fn now() -> UnixMs {
    UnixMs(Date::now() as u64)
}

/// A new id for a message: 128 random bits, in the characters that the wire allows.
pub fn message_id() -> String {
    let bytes = Uint8Array::new_with_length(16);
    // Not `randomUUID`, which a frame inside a page without TLS does not have.
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_array_buffer_view(&bytes);
    }
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |byte: u8| {
        [
            HEX[usize::from(byte >> 4)] as char,
            HEX[usize::from(byte & 15)] as char,
        ]
    };
    bytes.to_vec().into_iter().flat_map(hex).collect()
}

/// Calls `then` once, after `ms` milliseconds. Returns what [`cancel`] takes.
pub fn after(ms: u32, then: impl FnOnce() + 'static) -> i32 {
    let callback: Function = Closure::once_into_js(then).unchecked_into();
    window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(&callback, ms as i32)
        .unwrap_or(0)
}

/// Takes back a timer.
pub fn cancel(timer: i32) {
    window().clear_timeout_with_handle(timer);
}

/// Hears an event of the window, or of the document, for as long as the frame lives.
pub fn listen(target: &web_sys::EventTarget, event: &str, heard: impl FnMut() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(heard).into_js_value();
    let _ = target.add_event_listener_with_callback(event, callback.unchecked_ref());
}

/// An answer to [`post`].
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The parsed body; `undefined` when it is not JSON.
    pub body: JsValue,
}

impl Answer {
    /// The stable code of a problem document; empty otherwise.
    pub fn code(&self) -> String {
        self.body.get("code").text().unwrap_or_default()
    }
}

/// Posts JSON to our own origin and reads JSON, with an access token when there is one to show; `None` when no answer
/// came. Also gives the seconds of `Retry-After`.
pub async fn post(path: &str, body: &str, token: Option<&str>) -> Option<(Answer, Option<u32>)> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(body));
    init.set_signal(Some(&AbortSignal::timeout_with_u32(REQUEST_TIMEOUT_MS)));
    let headers = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&headers, &"content-type".into(), &"application/json".into());
    if let Some(token) = token {
        let bearer = ["Bearer ", token].concat();
        let _ = js_sys::Reflect::set(&headers, &"authorization".into(), &bearer.into());
    }
    init.set_headers(&headers);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(path, &init))
        .await
        .ok()?
        .unchecked_into();
    let retry_after = response
        .headers()
        .get("retry-after")
        .ok()
        .flatten()
        .and_then(|text| text.parse().ok());
    let body = match response.json() {
        Ok(json) => JsFuture::from(json).await.unwrap_or(JsValue::UNDEFINED),
        Err(_) => JsValue::UNDEFINED,
    };
    Some((
        Answer {
            status: response.status(),
            body,
        },
        retry_after,
    ))
}

/// Parses JSON; `undefined` when it is none.
pub fn parse(json: &str) -> JsValue {
    JSON::parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// A promise and the function that fulfils it.
pub fn promise() -> (Promise, Function) {
    let mut fulfil = None;
    let promise = Promise::new(&mut |resolve, _| fulfil = Some(resolve));
    (promise, fulfil.expect("the executor runs at once"))
}

/// Waits until no other tab of ours holds the lock of this name. Call what it returns to let the next one in.
///
/// Returns at once where there are no locks (a frame inside a page without TLS) or they are denied along with storage.
pub async fn lock(name: &str) -> Function {
    let (held, release) = promise();
    let (granted, grant) = promise();
    let hold = Closure::once_into_js(move || {
        let _ = grant.call0(&JsValue::UNDEFINED);
        held
    });
    let locks = JsValue::from(window().navigator()).get("locks");
    let request = locks.get("request");
    if let Some(Ok(asked)) = request
        .dyn_ref::<Function>()
        .map(|request| request.call2(&locks, &name.into(), &hold))
    {
        // What was asked ends when the lock is given back, or at once when it is denied.
        let _ = JsFuture::from(Promise::race(&Array::of2(&granted, &asked))).await;
    }
    release
}

/// The cookies that this document may read, as one text; empty where they are denied.
pub fn cookies() -> String {
    JsValue::from(crate::dom::document())
        .get("cookie")
        .text()
        .unwrap_or_default()
}

/// Sets a cookie, where that is allowed.
pub fn set_cookie(cookie: &str) {
    let _ = js_sys::Reflect::set(&crate::dom::document(), &"cookie".into(), &cookie.into());
}
