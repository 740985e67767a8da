//! What the widget asks of the browser besides drawing: time, chance, timers, requests, cookies.

use std::pin::Pin;

use js_sys::{Array, Date, Function, JSON, Promise, Uint8Array};
use oriel_shared::id::UnixMs;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Event, EventTarget, RequestInit, Response, Window};

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
    after_boxed(ms, Box::new(then))
}

// In one copy, whatever is called: here and below, what is generic is only what must be.
fn after_boxed(ms: u32, then: Box<dyn FnOnce()>) -> i32 {
    let callback: Function = Closure::once_into_js(then).unchecked_into();
    window()
        .set_timeout_with_callback_and_timeout_and_arguments_0(&callback, ms as i32)
        .unwrap_or(0)
}

/// Runs a task beside everything else.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Soon<()> = Box::pin(task);
    wasm_bindgen_futures::spawn_local(task);
}

/// Takes back a timer.
pub fn cancel(timer: i32) {
    window().clear_timeout_with_handle(timer);
}

/// Whether nobody can see the page.
pub fn is_hidden() -> bool {
    crate::dom::document().hidden()
}

/// Hears an event of the window, or of anything in it, for as long as the frame lives.
pub fn listen(target: &EventTarget, event: &str, mut heard: impl FnMut() + 'static) {
    listen_boxed(target, event, Box::new(move |_| heard()));
}

/// The same, for an event that is worth looking at.
pub fn on<E: JsCast>(target: &EventTarget, event: &str, mut heard: impl FnMut(E) + 'static) {
    listen_boxed(
        target,
        event,
        Box::new(move |event| heard(event.unchecked_into())),
    );
}

fn listen_boxed(target: &EventTarget, event: &str, heard: Box<dyn FnMut(Event)>) {
    let callback = Closure::wrap(heard).into_js_value();
    let _ = target.add_event_listener_with_callback(event, callback.unchecked_ref());
}

/// A request to our own origin.
pub struct Ask<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Where to.
    pub path: &'a str,
    /// Access token to show.
    pub token: Option<&'a str>,
    /// JSON to send.
    pub body: Option<&'a str>,
    /// One more header.
    pub header: Option<(&'a str, &'a str)>,
    /// What ends it; by default, time.
    pub signal: Option<&'a AbortSignal>,
}

impl<'a> Ask<'a> {
    /// Without anything but a place.
    pub const fn new(method: &'a str, path: &'a str) -> Self {
        Self {
            method,
            path,
            token: None,
            body: None,
            header: None,
            signal: None,
        }
    }
}

/// What an API call is answered with.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Seconds of `Retry-After`.
    pub retry_after: Option<u32>,
    /// The parsed body; `undefined` when it is not JSON.
    pub body: JsValue,
}

impl Answer {
    /// Reads one to its end; `None` when there is none.
    pub async fn read(response: Option<Response>) -> Option<Self> {
        let response = response?;
        let retry_after = response.headers().get("retry-after").ok().flatten();
        let body = match response.json() {
            Ok(json) => JsFuture::from(json).await.unwrap_or(JsValue::UNDEFINED),
            Err(_) => JsValue::UNDEFINED,
        };
        Some(Self {
            status: response.status(),
            retry_after: retry_after.and_then(|text| text.parse().ok()),
            body,
        })
    }

    /// The stable code of a problem document; empty otherwise.
    pub fn code(&self) -> String {
        self.body.get("code").text().unwrap_or_default()
    }
}

/// Something that is waited for; in a box, so that whoever waits does not hold another copy of how.
pub type Soon<T> = Pin<Box<dyn Future<Output = T>>>;

/// Asks, and waits for the beginning of the answer; `None` when there is none.
pub fn fetch(ask: &Ask<'_>) -> Soon<Option<Response>> {
    let init = RequestInit::new();
    init.set_method(ask.method);
    let timeout;
    init.set_signal(match ask.signal {
        Some(signal) => Some(signal),
        None => {
            timeout = AbortSignal::timeout_with_u32(REQUEST_TIMEOUT_MS);
            Some(&timeout)
        }
    });
    let headers = js_sys::Object::new();
    let set = |name: &str, value: &str| {
        let _ = js_sys::Reflect::set(&headers, &name.into(), &value.into());
    };
    if let Some(body) = ask.body {
        init.set_body(&JsValue::from_str(body));
        set("content-type", "application/json");
    }
    if let Some(token) = ask.token {
        set("authorization", &["Bearer ", token].concat());
    }
    if let Some((name, value)) = ask.header {
        set(name, value);
    }
    init.set_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(ask.path, &init));
    Box::pin(async move { Some(response.await.ok()?.unchecked_into()) })
}

/// Asks, and reads the answer; `None` when there is none.
pub fn ask(ask: &Ask<'_>) -> Soon<Option<Answer>> {
    let response = fetch(ask);
    Box::pin(async move { Answer::read(response.await).await })
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
