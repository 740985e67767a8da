//! What the widget asks of the browser besides drawing: time, timers, requests, cookies; and who hears what comes of it.
//!
//! `browser.js` is the other half. Whatever it has to say comes in through [`heard`], so that the program has one door
//! instead of wrappers for each kind of callback. Tasks wait at the same door.

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
        /// `heard` is the function of that name here.
        pub fn begin(heard: &JsValue);
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
        pub fn ask(method: &str, path: &str, token: &str, body: &str, id: i32);
        pub fn stream(token: &str, after: &str, abort: &JsValue, words: i32, id: i32);
        /// What ends a stream, by its method `abort`.
        pub fn aborter() -> JsValue;
        pub fn show(token: &str, name: &str, id: i32);
        pub fn open_socket(
            path: &str,
            protocol: &str,
            token: &str,
            words: i32,
            end: i32,
        ) -> JsValue;
        /// Sends a text through a socket. Lost while that is closing.
        pub fn send(socket: &JsValue, text: &str);
        /// Lets `id` hear what comes through a port, what was said before included.
        pub fn open_port(port: &JsValue, id: i32);
        /// Says one word through a port.
        pub fn post(port: &JsValue, kind: &str);
        /// Says something through a port, given as JSON.
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

/// Who hears what the browser has to say.
enum Hearer {
    /// As often as it is said.
    Always(Box<dyn FnMut(JsValue)>),
    /// The same, whatever it is.
    Each(Box<dyn FnMut()>),
    /// The first time.
    Once(Box<dyn FnOnce(JsValue)>),
    /// The same, whatever it is.
    Then(Box<dyn FnOnce()>),
}

thread_local! {
    /// All of them, by number. The number of the next one is in front.
    static HEARERS: RefCell<(i32, Vec<(i32, Hearer)>)> = const { RefCell::new((0, Vec::new())) };
    /// What the task that was run last waits for.
    static AWAITED: Cell<i32> = const { Cell::new(0) };
    /// What came for the task that is run now.
    static CAME: Cell<JsValue> = const { Cell::new(JsValue::UNDEFINED) };
}

fn new_id() -> i32 {
    HEARERS.with_borrow_mut(|(last, _)| {
        *last += 1;
        *last
    })
}

fn put(id: i32, hearer: Hearer) -> i32 {
    HEARERS.with_borrow_mut(|(_, all)| all.push((id, hearer)));
    id
}

// In one copy, whoever hears.
#[inline(never)]
fn put_new(hearer: Hearer) -> i32 {
    put(new_id(), hearer)
}

fn take(id: i32) -> Option<Hearer> {
    HEARERS.with_borrow_mut(|(_, all)| {
        let place = all.iter().position(|(its, _)| *its == id)?;
        Some(all.swap_remove(place).1)
    })
}

/// The browser says something to whoever goes by this number. Nothing is borrowed meanwhile: whoever hears it may do
/// anything here. An event that is about to be heard by somebody who is hearing one already is not.
#[wasm_bindgen]
pub fn heard(id: i32, what: JsValue) {
    match take(id) {
        Some(Hearer::Always(mut hear)) => {
            hear(what);
            put(id, Hearer::Always(hear));
        }
        Some(Hearer::Each(mut hear)) => {
            hear();
            put(id, Hearer::Each(hear));
        }
        Some(Hearer::Once(hear)) => hear(what),
        Some(Hearer::Then(then)) => then(),
        None => {}
    }
}

/// From now on goes by the number that is returned, until [`cancel`].
pub fn hear(hear: impl FnMut(JsValue) + 'static) -> i32 {
    put_new(Hearer::Always(Box::new(hear)))
}

/// The same, for what need not be looked at.
pub fn hear_each(hear: impl FnMut() + 'static) -> i32 {
    put_new(Hearer::Each(Box::new(hear)))
}

/// Whoever went by this number hears nothing any more.
pub fn cancel(id: i32) {
    drop(take(id));
}

/// Calls `then` once, after `ms` milliseconds. Returns what [`cancel`] takes.
pub fn after(ms: u32, then: impl FnOnce() + 'static) -> i32 {
    after_all(ms, Box::new(then))
}

fn after_all(ms: u32, then: Box<dyn FnOnce()>) -> i32 {
    let id = put_new(Hearer::Then(then));
    js::after(ms as i32, id);
    id
}

/// Something that is waited for; in a box, so that whoever waits does not hold another copy of how.
pub type Soon<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs a task beside everything else, from the next turn on. It waits for nothing but [`Wait`]s, for one at a time.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    begin_task(Box::pin(task));
}

fn begin_task(task: Soon<()>) {
    js::soon(put_new(Hearer::Then(Box::new(|| run(task)))));
}

fn run(mut task: Soon<()>) {
    let mut context = Context::from_waker(Waker::noop());
    if task.as_mut().poll(&mut context).is_pending() {
        let go_on = move |came| {
            CAME.set(came);
            run(task);
        };
        put(AWAITED.get(), Hearer::Once(Box::new(go_on)));
    }
}

/// Lets a task wait for what is said to a number. To be awaited in the turn in which it is made.
pub struct Wait {
    /// The number.
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

/// Waits for a promise that is always kept.
pub fn promised(promise: &JsValue) -> Wait {
    let wait = Wait::new();
    js::then(promise, wait.id);
    wait
}

/// The time.
pub fn now() -> UnixMs {
    UnixMs(js::now() as u64)
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
    /// As `browser.js` gives it; `None` when there is none.
    fn new(answer: &JsValue) -> Option<Self> {
        Some(Self {
            status: answer.number("status")? as u16,
            retry_after: seconds(answer),
            body: answer.get("body"),
        })
    }

    /// The stable code of a problem document; empty otherwise.
    pub fn code(&self) -> String {
        self.body.text("code").unwrap_or_default()
    }
}

/// Seconds to wait, if anybody said so.
pub fn seconds(json: &JsValue) -> Option<u32> {
    let seconds = json.number("retry_after")? as u32;
    (seconds > 0).then_some(seconds)
}

/// A request to our own origin, with an access token and JSON, either of which may be empty; `None` when there is no
/// answer.
pub fn ask(
    method: &'static str,
    path: &'static str,
    token: String,
    body: String,
) -> Soon<Option<Answer>> {
    Box::pin(async move {
        let wait = Wait::new();
        js::ask(method, path, &token, &body, wait.id);
        Answer::new(&wait.await)
    })
}

/// Fetches the transcript and hands it to the browser as a file of this name; without a name, shows the list of the
/// visitor's conversations. Whether that worked.
pub fn show(token: String, name: &'static str) -> Soon<bool> {
    Box::pin(async move {
        let wait = Wait::new();
        js::show(&token, name, wait.id);
        wait.await == JsValue::TRUE
    })
}

/// Listens to the edge's events after a message, until `abort`. `words` hears them as they come, as text in `value`.
/// Returns the answer when it is no stream, and nothing when it is over.
pub async fn stream(token: &str, after: &str, abort: &JsValue, words: i32) -> Option<Answer> {
    let wait = Wait::new();
    js::stream(token, after, abort, words, wait.id);
    Answer::new(&wait.await)
}

/// Opens a socket to the edge. `words` hears each message as an event, `end` that it is over; a browser does not tell why.
/// `undefined` when there can be none.
pub fn open_socket(token: &str, words: i32, end: i32) -> JsValue {
    js::open_socket("/v1/socket", SOCKET_PROTOCOL, token, words, end)
}

/// Waits until no other tab of ours holds the lock of this name. Call what it returns to let the next one in.
///
/// Returns at once where there are no locks (a frame inside a page without TLS) or they are denied along with storage.
pub async fn lock(name: &str) -> JsValue {
    let wait = Wait::new();
    js::lock(name, wait.id);
    wait.await
}
