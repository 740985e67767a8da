//! What the widget asks of the browser besides drawing: time, timers, requests, cookies; and the callbacks for what
//! comes of it.
//!
//! `browser.js` is the other half. It calls [`dispatch`] with the number of a callback, so that the program has one
//! export instead of a wrapper for each kind of callback. Tasks are resumed through it too.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use oriel_shared::{id::UnixMs, wire::visitor::SOCKET_PROTOCOL};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use crate::wire_codec::Json;

mod js {
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen(module = "/src/browser.js")]
    extern "C" {
        /// `dispatch` is the function of that name here.
        pub fn begin(dispatch: &JsValue);
        pub fn after(ms: i32, id: i32);
        pub fn soon(id: i32);
        pub fn then(promise: &JsValue, id: i32);
        pub fn now() -> f64;
        /// A number from 0 to 1.
        pub fn random() -> f64;
        /// A new id for a message: 128 random bits, in the characters that the wire allows.
        pub fn message_id() -> String;
        /// Parses JSON; `undefined` when it is none.
        pub fn parse(json: &str) -> JsValue;
        /// Calls a method without arguments.
        pub fn call(value: &JsValue, name: &str);
        #[wasm_bindgen(js_name = call_edge)]
        pub fn request(method: &str, path: &str, token: &str, body: &str, id: i32);
        pub fn stream(token: &str, after: &str, abort: &JsValue, on_text: i32, id: i32);
        /// What ends a stream, by its method `abort`.
        pub fn aborter() -> JsValue;
        pub fn own_data(token: &str, name: &str, id: i32);
        pub fn open_socket(
            path: &str,
            protocol: &str,
            token: &str,
            on_message: i32,
            on_end: i32,
        ) -> JsValue;
        /// Sends a text through a socket. Lost while that is closing.
        pub fn send(socket: &JsValue, text: &str);
        /// Calls back with each message that comes through a port, those that wait included.
        pub fn open_port(port: &JsValue, id: i32);
        /// Posts a message of this type through a port.
        pub fn post(port: &JsValue, kind: &str);
        /// Posts a message through a port, given as JSON.
        pub fn post_json(port: &JsValue, json: &str);
        pub fn lock(name: &str, id: i32);
        /// The cookies that this document may read, as one text; empty where they are denied.
        pub fn cookies() -> String;
        /// Sets a cookie, where that is allowed.
        pub fn set_cookie(cookie: &str);
    }
}

pub use js::{
    aborter, begin, call, cookies, message_id, open_port, parse, post, post_json, random, send,
    set_cookie,
};

/// What is called when the browser has something to say.
enum Callback {
    /// Each time.
    Repeated(Box<dyn FnMut(JsValue)>),
    /// Each time, without what the browser says.
    RepeatedUnit(Box<dyn FnMut()>),
    /// The first time.
    Once(Box<dyn FnOnce(JsValue)>),
    /// The first time, without what the browser says.
    OnceUnit(Box<dyn FnOnce()>),
}

thread_local! {
    /// All callbacks by their numbers, and the last number in front.
    static CALLBACKS: RefCell<(i32, Vec<(i32, Callback)>)> = const { RefCell::new((0, Vec::new())) };
    /// The number that the task which ran last waits for.
    static AWAITED: Cell<i32> = const { Cell::new(0) };
    /// What came for the task that runs now.
    static CAME: Cell<JsValue> = const { Cell::new(JsValue::UNDEFINED) };
}

fn new_id() -> i32 {
    CALLBACKS.with_borrow_mut(|(last, _)| {
        *last += 1;
        *last
    })
}

fn put(id: i32, callback: Callback) -> i32 {
    CALLBACKS.with_borrow_mut(|(_, all)| all.push((id, callback)));
    id
}

// Compiled once and not once a caller.
#[inline(never)]
fn put_new(callback: Callback) -> i32 {
    put(new_id(), callback)
}

fn take(id: i32) -> Option<Callback> {
    CALLBACKS.with_borrow_mut(|(_, all)| {
        let place = all.iter().position(|(its, _)| *its == id)?;
        Some(all.swap_remove(place).1)
    })
}

/// The browser calls back. Nothing is borrowed meanwhile: a callback may do anything here. One that runs already is not
/// called again.
#[wasm_bindgen]
pub fn dispatch(id: i32, value: JsValue) {
    match take(id) {
        Some(Callback::Repeated(mut callback)) => {
            callback(value);
            put(id, Callback::Repeated(callback));
        }
        Some(Callback::RepeatedUnit(mut callback)) => {
            callback();
            put(id, Callback::RepeatedUnit(callback));
        }
        Some(Callback::Once(callback)) => callback(value),
        Some(Callback::OnceUnit(callback)) => callback(),
        None => {}
    }
}

/// Returns the number under which the browser calls back, until [`cancel`].
pub fn register(callback: impl FnMut(JsValue) + 'static) -> i32 {
    put_new(Callback::Repeated(Box::new(callback)))
}

/// Like [`register`], for a callback that ignores what the browser passes.
pub fn register_unit(callback: impl FnMut() + 'static) -> i32 {
    put_new(Callback::RepeatedUnit(Box::new(callback)))
}

/// Removes a callback.
pub fn cancel(id: i32) {
    drop(take(id));
}

/// Calls back once, after `ms` milliseconds. Returns what [`cancel`] takes.
pub fn after(ms: u32, callback: impl FnOnce() + 'static) -> i32 {
    start_timer(ms, Box::new(callback))
}

fn start_timer(ms: u32, callback: Box<dyn FnOnce()>) -> i32 {
    let id = put_new(Callback::OnceUnit(callback));
    js::after(ms as i32, id);
    id
}

/// A future in a box, so that those who await it do not each hold a copy of its states.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs a task beside everything else, from the next microtask on. It awaits nothing but [`Wait`]s, one at a time.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    begin_task(Box::pin(task));
}

fn begin_task(task: BoxFuture<()>) {
    js::soon(put_new(Callback::OnceUnit(Box::new(|| run(task)))));
}

fn run(mut task: BoxFuture<()>) {
    let mut context = Context::from_waker(Waker::noop());
    if task.as_mut().poll(&mut context).is_pending() {
        let go_on = move |came| {
            CAME.set(came);
            run(task);
        };
        put(AWAITED.get(), Callback::Once(Box::new(go_on)));
    }
}

/// Lets a task wait for the browser to call back. To be awaited in the turn in which it is made.
pub struct Wait {
    /// The number of the callback.
    pub id: i32,
    is_due: bool,
}

impl Wait {
    /// With a new number.
    pub fn new() -> Self {
        Self {
            id: new_id(),
            is_due: false,
        }
    }
}

impl Default for Wait {
    fn default() -> Self {
        Self::new()
    }
}

impl Future for Wait {
    type Output = JsValue;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<JsValue> {
        if self.is_due {
            return Poll::Ready(CAME.replace(JsValue::UNDEFINED));
        }
        self.is_due = true;
        AWAITED.set(self.id);
        Poll::Pending
    }
}

/// Waits for a promise that is never rejected.
pub fn resolved(promise: &JsValue) -> Wait {
    let wait = Wait::new();
    js::then(promise, wait.id);
    wait
}

/// The time.
pub fn now() -> UnixMs {
    UnixMs(js::now() as u64)
}

/// The response to a request.
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Seconds of `Retry-After`.
    pub retry_after: Option<u32>,
    /// The parsed body; `undefined` when it is not JSON.
    pub body: JsValue,
}

impl Response {
    /// Reads what `browser.js` made of it; `None` when no response came.
    fn new(response: &JsValue) -> Option<Self> {
        Some(Self {
            status: response.number("status")? as u16,
            retry_after: retry_after(response),
            body: response.get("body"),
        })
    }

    /// The stable code of a problem document; empty otherwise.
    pub fn code(&self) -> String {
        self.body.text("code").unwrap_or_default()
    }
}

/// The seconds to wait, if the edge named them.
pub fn retry_after(json: &JsValue) -> Option<u32> {
    let seconds = json.number("retry_after")? as u32;
    (seconds > 0).then_some(seconds)
}

/// Sends a request to our own origin, with an access token and JSON, either of which may be empty. `None` when no
/// response came.
pub fn request(
    method: &'static str,
    path: &'static str,
    token: String,
    body: String,
) -> BoxFuture<Option<Response>> {
    Box::pin(async move {
        let wait = Wait::new();
        js::request(method, path, &token, &body, wait.id);
        Response::new(&wait.await)
    })
}

/// Fetches the transcript and hands it to the browser as a file of this name; without a name, shows the list of the
/// visitor's conversations. Returns whether that worked.
pub fn own_data(token: String, name: &'static str) -> BoxFuture<bool> {
    Box::pin(async move {
        let wait = Wait::new();
        js::own_data(&token, name, wait.id);
        wait.await == JsValue::TRUE
    })
}

/// Listens to the edge's events after a message, until `abort`. `on_text` is called with them as they come, as text in
/// `value`. Returns the response when it is no stream, and nothing when it is over.
pub async fn stream(token: &str, after: &str, abort: &JsValue, on_text: i32) -> Option<Response> {
    let wait = Wait::new();
    js::stream(token, after, abort, on_text, wait.id);
    Response::new(&wait.await)
}

/// Opens a socket to the edge. `on_message` is called with each message as an event, `on_end` when it is over; a
/// browser does not tell why. `undefined` when there can be none.
pub fn open_socket(token: &str, on_message: i32, on_end: i32) -> JsValue {
    js::open_socket("/v1/socket", SOCKET_PROTOCOL, token, on_message, on_end)
}

/// Waits until no other tab of ours holds the lock of this name. Call what it returns to let the next one in.
///
/// Returns at once where there are no locks (an iframe inside a page without TLS) or they are denied along with
/// storage.
pub async fn lock(name: &str) -> JsValue {
    let wait = Wait::new();
    js::lock(name, wait.id);
    wait.await
}
