//! A document, a page's own or a frame's: what is evaluated in it, waited for in it, and done to its surroundings.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};

use super::connection::Connection;
use crate::wait::{Deadline, SOON};

/// How long one look at the page listens for events before it looks again.
const LOOK: Duration = Duration::from_millis(40);

/// A document: the page's own, or a frame's in a process of its own.
#[derive(Clone)]
pub struct Frame {
    pub(super) connection: Rc<RefCell<Connection>>,
    pub(super) session: String,
}

impl Frame {
    #[track_caller]
    pub(super) fn call(&self, method: &str, parameters: &Value) -> Value {
        self.try_call(method, parameters)
            .unwrap_or_else(|why| panic!("{method}: {why}"))
    }

    pub(super) fn try_call(&self, method: &str, parameters: &Value) -> Result<Value, String> {
        self.connection
            .borrow_mut()
            .call(Some(&self.session), method, parameters)
    }

    /// Evaluates an expression; a promise is waited for.
    ///
    /// # Errors
    /// What it threw.
    pub fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.try_call("Runtime.evaluate", &parameters)?;
        match answer.get("exceptionDetails") {
            Some(details) => Err(details["exception"]["description"]
                .as_str()
                .unwrap_or("thrown")
                .to_owned()),
            None => Ok(answer["result"]["value"].clone()),
        }
    }

    /// Evaluates an expression.
    ///
    /// # Panics
    /// When it threw.
    #[track_caller]
    pub fn evaluate(&self, expression: &str) -> Value {
        self.try_evaluate(expression)
            .unwrap_or_else(|why| panic!("{expression}: {why}"))
    }

    /// What a person reads in it.
    pub fn text(&self) -> String {
        let text = self
            .try_evaluate("document.body ? document.body.innerText : ''")
            .unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Looks until `look` has seen it, and takes in what happens meanwhile.
    ///
    /// # Panics
    /// When `within` has passed; the message says what the frame shows instead.
    #[track_caller]
    pub fn until_within<T>(
        &self,
        what: &str,
        within: Duration,
        look: impl Fn(&Self) -> Option<T>,
    ) -> T {
        let deadline = Deadline::after(within);
        loop {
            if let Some(seen) = look(self) {
                return seen;
            }
            self.listen(LOOK);
            if deadline.left().is_none() {
                let shown: Vec<_> = self
                    .elements()
                    .into_iter()
                    .map(|e| format!("{} `{}`", e.role, e.name))
                    .collect();
                panic!(
                    "waited {within:?} for: {what}\nshown: {:#?}\n{}",
                    self.text(),
                    shown.join("\n")
                );
            }
        }
    }

    /// Looks for as long as a busy machine may take, see [`Frame::until_within`].
    #[track_caller]
    pub fn until<T>(&self, what: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        self.until_within(what, SOON, look)
    }

    /// Takes in what happens for so long. Only for showing that something does **not** happen.
    ///
    /// # Panics
    /// When the browser is gone.
    #[track_caller]
    pub fn listen(&self, time: Duration) {
        let heard = self.connection.borrow_mut().listen(time);
        heard.unwrap_or_else(|why| panic!("the browser is gone: {why}"));
    }

    /// Cuts this document off from every network, or lets it back. The browser tells the document, as it does on a phone
    /// in a tunnel.
    #[track_caller]
    pub fn set_offline(&self, is_offline: bool) {
        let conditions = json!({
            "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.call("Network.emulateNetworkConditions", &conditions);
    }

    /// Delivers a frame to its open sockets that the edge did not send.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn inject_server_frame(&self, frame: &Value) {
        let evaluated = self.call(
            "Runtime.evaluate",
            &json!({ "expression": "WebSocket.prototype" }),
        );
        let prototype = &evaluated["result"]["objectId"];
        let sockets = self.call(
            "Runtime.queryObjects",
            &json!({ "prototypeObjectId": prototype }),
        );
        let called = self.call(
            "Runtime.callFunctionOn",
            &json!({
                "objectId": sockets["objects"]["objectId"],
                "functionDeclaration": "function (data) { const open = this.filter(socket => socket.readyState == 1); \
                    open.forEach(socket => socket.dispatchEvent(new MessageEvent('message', { data }))); return open.length }",
                "arguments": [{ "value": frame.to_string() }],
                "returnByValue": true,
            }),
        );
        assert!(
            called["result"]["value"].as_u64() > Some(0),
            "no socket: {called}"
        );
    }

    /// Has this document, and what is shown of it, follow a colour scheme.
    #[track_caller]
    pub fn prefer_color_scheme(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    }
}
