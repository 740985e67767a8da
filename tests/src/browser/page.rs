//! A page, the frames in it and what a person does with them.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use serde_json::{Value, json};

use super::connection::{Connection, Event, Session};
use crate::wait::{Deadline, SOON};

/// How long one look at the page listens for events before it looks again.
const LOOK: Duration = Duration::from_millis(40);

/// A page. It is a [`Frame`] too: the one at the top.
pub struct Page {
    frame: Frame,
}

/// A document: the page's own, or a frame's in a process of its own.
#[derive(Clone)]
pub struct Frame {
    connection: Rc<RefCell<Connection>>,
    session: String,
}

/// An element as the accessibility tree has it.
#[derive(Clone, Debug)]
pub struct Element {
    node: u64,
    /// `button`, `textbox`, `link`, …
    pub role: String,
    /// What a screen reader says.
    pub name: String,
    /// Value of a field.
    pub value: String,
    /// Whether keys go to it.
    pub is_focused: bool,
    /// `expanded`, `disabled`, `live`, … as the browser has them.
    pub properties: Vec<(String, Value)>,
}

/// A key that is not a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// The space bar.
    Space,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// To the end of a line.
    End,
    /// Arrow down.
    Down,
    /// Arrow up.
    Up,
}

/// A request that a page or one of its frames made.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to.
    pub url: String,
    /// `Document`, `Script`, `Fetch`, `Other`, …
    pub kind: String,
    /// HTTP method.
    pub method: String,
}

impl Element {
    /// A property's value as text; `None` when it has none.
    pub fn property(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .properties
            .iter()
            .find(|(its_name, _)| its_name == name)?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    }
}

impl Frame {
    #[track_caller]
    pub(super) fn call(&self, method: &str, parameters: &Value) -> Value {
        self.try_call(method, parameters)
            .unwrap_or_else(|why| panic!("{method}: {why}"))
    }

    fn try_call(&self, method: &str, parameters: &Value) -> Result<Value, String> {
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

    /// The same with the usual patience.
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

    /// Everything in the accessibility tree that has a role, closed shadow roots included, frames not.
    pub fn elements(&self) -> Vec<Element> {
        let tree = self
            .try_call("Accessibility.getFullAXTree", &json!({}))
            .unwrap_or_default();
        Self::told(tree["nodes"].as_array().map_or(&[][..], Vec::as_slice))
    }

    /// The same in the order in which a screen reader comes by.
    pub fn in_reading_order(&self) -> Vec<Element> {
        let tree = self
            .try_call("Accessibility.getFullAXTree", &json!({}))
            .unwrap_or_default();
        let nodes = tree["nodes"].as_array().cloned().unwrap_or_default();
        let mut waiting: Vec<&Value> = nodes.iter().take(1).collect();
        let mut ordered = Vec::with_capacity(nodes.len());
        while let Some(node) = waiting.pop() {
            ordered.push(node.clone());
            let children = node["childIds"].as_array().into_iter().flatten().rev();
            waiting
                .extend(children.filter_map(|id| nodes.iter().find(|node| node["nodeId"] == *id)));
        }
        Self::told(&ordered)
    }

    /// What is told of these nodes.
    fn told(nodes: &[Value]) -> Vec<Element> {
        let text = |value: &Value| value["value"].as_str().unwrap_or_default().to_owned();
        nodes
            .iter()
            .filter(|node| node["ignored"] != json!(true))
            .map(|node| {
                let properties: Vec<(String, Value)> = node["properties"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|property| {
                        Some((
                            property["name"].as_str()?.to_owned(),
                            property["value"]["value"].clone(),
                        ))
                    })
                    .collect();
                Element {
                    node: node["backendDOMNodeId"].as_u64().unwrap_or_default(),
                    role: text(&node["role"]),
                    name: text(&node["name"]),
                    value: text(&node["value"]),
                    is_focused: properties
                        .iter()
                        .any(|(name, value)| name == "focused" && *value == json!(true)),
                    properties,
                }
            })
            .collect()
    }

    /// The elements of a role whose name holds `name`, now.
    pub fn all(&self, role: &str, name: &str) -> Vec<Element> {
        self.elements()
            .into_iter()
            .filter(|element| element.role == role && element.name.contains(name))
            .collect()
    }

    /// Waits for an element of a role whose name holds `name`.
    #[track_caller]
    pub fn element(&self, role: &str, name: &str) -> Element {
        self.until(&format!("{role} `{name}`"), |frame| {
            frame.all(role, name).into_iter().next()
        })
    }

    /// Middle of an element in the viewport of the page at the top.
    fn middle(&self, element: &Element) -> Result<(f64, f64), String> {
        let _shown = self.try_call(
            "DOM.scrollIntoViewIfNeeded",
            &json!({ "backendNodeId": element.node }),
        );
        let (left, top, right, bottom) = self.quad(element.node)?;
        let (x, y) = self.offset()?;
        Ok((
            x + f64::midpoint(left, right),
            y + f64::midpoint(top, bottom),
        ))
    }

    /// Left, top, right and bottom of a node's content, in this frame's viewport.
    fn quad(&self, node: u64) -> Result<(f64, f64, f64, f64), String> {
        let answer = self.try_call("DOM.getContentQuads", &json!({ "backendNodeId": node }))?;
        let points: Vec<f64> = answer["quads"][0]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .collect();
        match points.as_slice() {
            [left, top, _, _, right, bottom, ..] => Ok((*left, *top, *right, *bottom)),
            _ => Err("the element has no place on the page".to_owned()),
        }
    }

    /// Where this frame's viewport begins in the page's.
    fn offset(&self) -> Result<(f64, f64), String> {
        let (target, parent) = {
            let connection = self.connection.borrow();
            let session = connection.session(&self.session).ok_or("no such session")?;
            (session.target.clone(), session.parent.clone())
        };
        let Some(parent) = parent else {
            return Ok((0.0, 0.0));
        };
        let parent = Self {
            connection: Rc::clone(&self.connection),
            session: parent,
        };
        let owner = parent.try_call("DOM.getFrameOwner", &json!({ "frameId": target }))?;
        let (left, top, ..) = parent.quad(owner["backendNodeId"].as_u64().unwrap_or_default())?;
        let (x, y) = parent.offset()?;
        Ok((x + left, y + top))
    }

    /// The page that this frame is part of, in front of all others: what a person does goes to the tab that they see.
    fn page(&self) -> Self {
        let mut connection = self.connection.borrow_mut();
        let root = connection.root(&self.session).to_owned();
        connection.bring_to_front(&root);
        Self {
            connection: Rc::clone(&self.connection),
            session: root,
        }
    }

    /// Moves the mouse over an element.
    ///
    /// # Panics
    /// When the element cannot be reached.
    #[track_caller]
    pub fn hover(&self, element: &Element) {
        let (x, y) = self
            .middle(element)
            .unwrap_or_else(|why| panic!("{} `{}`: {why}", element.role, element.name));
        self.page().call(
            "Input.dispatchMouseEvent",
            &json!({ "type": "mouseMoved", "x": x, "y": y }),
        );
    }

    /// Clicks an element with the mouse.
    ///
    /// # Panics
    /// When the element cannot be reached.
    #[track_caller]
    pub fn click(&self, element: &Element) {
        self.hover(element);
        let (x, y) = self
            .middle(element)
            .unwrap_or_else(|why| panic!("{} `{}`: {why}", element.role, element.name));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.page().call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses a key in this document, which has to have the focus.
    ///
    /// Keys go to the frame and not to the page: where a script has just moved the focus into a frame of another
    /// process, Chromium's debugger sends the page's keys to the old place now and then, and goes on doing so.
    #[track_caller]
    pub fn press(&self, key: Key) {
        let _in_front = self.page();
        let (name, code, text) = match key {
            Key::Enter => ("Enter", 13, "\r"),
            Key::Space => (" ", 32, " "),
            Key::Escape => ("Escape", 27, ""),
            Key::Tab | Key::BackTab => ("Tab", 9, ""),
            Key::End => ("End", 35, ""),
            Key::Down => ("ArrowDown", 40, ""),
            Key::Up => ("ArrowUp", 38, ""),
        };
        let mut event = json!({
            "type": if text.is_empty() { "rawKeyDown" } else { "keyDown" },
            "key": name, "code": name, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code,
            "modifiers": if key == Key::BackTab { 8 } else { 0 },
        });
        if !text.is_empty() {
            event["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", &event);
        event["type"] = json!("keyUp");
        if let Some(event) = event.as_object_mut() {
            event.remove("text");
        }
        self.call("Input.dispatchKeyEvent", &event);
    }

    /// Types a line, key by key, as [`Frame::press`] does.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        let _in_front = self.page();
        for character in text.chars().map(String::from) {
            for kind in ["keyDown", "keyUp"] {
                let mut event = json!({ "type": kind, "key": character });
                if kind == "keyDown" {
                    event["text"] = json!(character);
                }
                self.call("Input.dispatchKeyEvent", &event);
            }
        }
    }
}

impl Frame {
    /// Cuts this document off from every network, or lets it back; it is told, as on a phone in a tunnel.
    #[track_caller]
    pub fn cut_off(&self, is_offline: bool) {
        let conditions = json!({
            "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.call("Network.emulateNetworkConditions", &conditions);
    }

    /// Has its open sockets hear something that the edge did not say.
    ///
    /// # Panics
    /// When there is none.
    #[track_caller]
    pub fn overhear(&self, frame: &Value) {
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
    pub fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "features": [feature] }),
        );
    }
}

/// Left on a document before another one is asked for.
const MARK: &str = "window.leaving = true";

/// Whether the document that was asked for is there, whole.
fn has_loaded(page: &Frame) -> Option<()> {
    let loaded = "document.readyState === 'complete' && window.leaving === undefined";
    (page.try_evaluate(loaded) == Ok(json!(true))).then_some(())
}

impl std::ops::Deref for Page {
    type Target = Frame;

    fn deref(&self) -> &Frame {
        &self.frame
    }
}

impl Page {
    /// Attaches to a new page.
    #[track_caller]
    pub(super) fn attach(connection: &Rc<RefCell<Connection>>, target: &str) -> Self {
        let attached = connection
            .borrow_mut()
            .call(
                None,
                "Target.attachToTarget",
                &json!({ "targetId": target, "flatten": true }),
            )
            .unwrap_or_else(|why| panic!("no session with the page: {why}"));
        let session = attached["sessionId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let watched = connection.borrow_mut().watch(Session {
            id: session.clone(),
            target: target.to_owned(),
            kind: "page".to_owned(),
            parent: None,
            live: true,
        });
        watched.unwrap_or_else(|why| panic!("no session with the page: {why}"));
        Self {
            frame: Frame {
                connection: Rc::clone(connection),
                session,
            },
        }
    }

    /// Opens an empty page beside this one, in the same context: the same visitor's second tab.
    #[track_caller]
    pub fn another_tab(&self) -> Self {
        let context = self.context();
        let made = self.browser_call(
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": context }),
        );
        Self::attach(
            &self.connection,
            made["targetId"].as_str().unwrap_or_default(),
        )
    }

    /// The context that this page is in.
    #[track_caller]
    fn context(&self) -> Value {
        let target = self.session_target();
        let info = self.browser_call("Target.getTargetInfo", &json!({ "targetId": target }));
        info["targetInfo"]["browserContextId"].clone()
    }

    fn session_target(&self) -> String {
        let connection = self.connection.borrow();
        connection
            .session(&self.session)
            .map(|session| session.target.clone())
            .unwrap_or_default()
    }

    #[track_caller]
    fn browser_call(&self, method: &str, parameters: &Value) -> Value {
        let answer = self.connection.borrow_mut().call(None, method, parameters);
        answer.unwrap_or_else(|why| panic!("{method}: {why}"))
    }

    /// Goes to an address and waits until it has loaded.
    ///
    /// # Panics
    /// When it did not load.
    #[track_caller]
    pub fn open(&self, url: &str) {
        let origin: String = url.split('/').take(3).collect::<Vec<_>>().join("/");
        if self.try_evaluate("location.origin") != Ok(json!(origin)) {
            // The first page of an origin moves to another process, and what happens there before the debugger has
            // followed is not told. So it is loaded twice, and what is told about the first time is forgotten.
            self.go(url);
            self.forget();
        }
        self.go(url);
    }

    fn go(&self, url: &str) {
        let _on_old_document = self.try_evaluate(MARK);
        let answer = self.call("Page.navigate", &json!({ "url": url }));
        assert!(answer.get("errorText").is_none(), "{url}: {answer}");
        self.until(&format!("{url} to load"), has_loaded);
    }

    /// Loads the page again, as a visitor who reloads.
    #[track_caller]
    pub fn reload(&self) {
        let _on_old_document = self.try_evaluate(MARK);
        self.call("Page.reload", &json!({}));
        self.until("the page to load again", has_loaded);
    }

    /// Saves what is downloaded in this folder, in silence.
    #[track_caller]
    pub fn download_to(&self, folder: &std::path::Path) {
        self.browser_call(
            "Browser.setDownloadBehavior",
            &json!({ "behavior": "allow", "downloadPath": folder, "browserContextId": self.context() }),
        );
    }

    /// Makes the page so many pixels large.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Forgets what happened so far.
    fn forget(&self) {
        let mut connection = self.connection.borrow_mut();
        let events = std::mem::take(&mut connection.events);
        let others = events
            .into_iter()
            .filter(|event| connection.root(&event.session) != self.session)
            .collect();
        connection.events = others;
    }

    /// The frames in other processes whose address begins with `prefix`, now.
    pub fn frames(&self, prefix: &str) -> Vec<Frame> {
        let sessions: Vec<Session> = {
            let connection = self.connection.borrow();
            let is_ours = |session: &&Session| {
                session.live
                    && session.kind == "iframe"
                    && connection.root(&session.id) == self.session
            };
            connection
                .sessions
                .iter()
                .filter(is_ours)
                .cloned()
                .collect()
        };
        sessions
            .into_iter()
            .map(|session| Frame {
                connection: Rc::clone(&self.connection),
                session: session.id,
            })
            .filter(|frame| {
                let address = frame.try_evaluate("location.href").unwrap_or_default();
                address
                    .as_str()
                    .is_some_and(|address| address.starts_with(prefix))
            })
            .collect()
    }

    /// Waits for the frame whose address begins with `prefix`.
    #[track_caller]
    pub fn frame(&self, prefix: &str) -> Frame {
        self.until(&format!("a frame at {prefix}"), |_| {
            self.frames(prefix).into_iter().next()
        })
    }

    /// The events of one name in this page and its frames.
    fn events(&self, method: &str) -> Vec<Event> {
        let connection = self.connection.borrow();
        let is_ours = |event: &&Event| {
            event.method == method && connection.root(&event.session) == self.session
        };
        connection.events.iter().filter(is_ours).cloned().collect()
    }

    /// The requests that the page and its frames made so far, its own document included.
    pub fn requests(&self) -> Vec<Request> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut requests: Vec<Request> = self
            .events("Network.requestWillBeSent")
            .iter()
            .map(|Event { parameters, .. }| Request {
                url: text(&parameters["request"]["url"]),
                kind: text(&parameters["type"]),
                method: text(&parameters["request"]["method"]),
            })
            .collect();
        requests.extend(
            self.events("Network.webSocketCreated")
                .iter()
                .map(|event| Request {
                    url: text(&event.parameters["url"]),
                    kind: "WebSocket".to_owned(),
                    method: "GET".to_owned(),
                }),
        );
        requests
    }

    /// The browser's own names of the requests to an address.
    fn requests_to(&self, url: &str) -> Vec<Value> {
        self.events("Network.requestWillBeSent")
            .into_iter()
            .filter(|event| event.parameters["request"]["url"] == json!(url))
            .map(|event| event.parameters["requestId"].clone())
            .collect()
    }

    /// Statuses of the answers from an address.
    pub fn responses(&self, url: &str) -> Vec<u64> {
        // What CORS keeps from the page is in the extra information alone, which does not say where from.
        let asked = self.requests_to(url);
        self.events("Network.responseReceivedExtraInfo")
            .into_iter()
            .filter(|event| asked.contains(&event.parameters["requestId"]))
            .filter_map(|event| event.parameters["statusCode"].as_u64())
            .collect()
    }

    /// Names of the cookies that went with the requests to an address.
    pub fn cookies_sent(&self, url: &str) -> Vec<String> {
        let asked = self.requests_to(url);
        self.events("Network.requestWillBeSentExtraInfo")
            .into_iter()
            .filter(|event| asked.contains(&event.parameters["requestId"]))
            .flat_map(|event| {
                let cookies = event.parameters["associatedCookies"].as_array().cloned();
                cookies.unwrap_or_default()
            })
            .filter(|cookie| cookie["blockedReasons"] == json!([]))
            .filter_map(|cookie| cookie["cookie"]["name"].as_str().map(str::to_owned))
            .collect()
    }

    /// The cookies that the page's context holds, for whichever site: name and value, in order.
    #[track_caller]
    pub fn cookies(&self) -> Vec<(String, String)> {
        let context = self.context();
        let held = self.browser_call(
            "Storage.getCookies",
            &json!({ "browserContextId": context }),
        );
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut cookies: Vec<(String, String)> = held["cookies"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|cookie| (text(&cookie["name"]), text(&cookie["value"])))
            .collect();
        cookies.sort();
        cookies
    }

    /// Why requests failed, one line each: what the browser says, and whether it blocked them itself.
    pub fn failures(&self) -> Vec<String> {
        self.events("Network.loadingFailed")
            .iter()
            .map(|event| event.parameters.to_string())
            .collect()
    }

    /// Errors and warnings in the console, uncaught exceptions, and what the browser itself complains about.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for Event { parameters, .. } in self.events("Runtime.consoleAPICalled") {
            if ["error", "warning", "assert"]
                .iter()
                .any(|kind| parameters["type"] == json!(kind))
            {
                complaints.push(format!("console: {}", parameters["args"]));
            }
        }
        for Event { parameters, .. } in self.events("Runtime.exceptionThrown") {
            complaints.push(format!("exception: {}", parameters["exceptionDetails"]));
        }
        for Event { parameters, .. } in self.events("Log.entryAdded") {
            let entry = &parameters["entry"];
            if entry["level"] == json!("error") || entry["level"] == json!("warning") {
                complaints.push(format!("browser: {} ({})", entry["text"], entry["url"]));
            }
        }
        complaints.extend(self.violations());
        complaints
    }

    /// What was against a Content-Security-Policy, Trusted Types included.
    pub fn violations(&self) -> Vec<String> {
        self.events("Audits.issueAdded")
            .iter()
            .filter(|event| {
                event.parameters["issue"]["code"] == json!("ContentSecurityPolicyIssue")
            })
            .map(|event| {
                format!(
                    "policy: {}",
                    event.parameters["issue"]["details"]["contentSecurityPolicyIssueDetails"]
                )
            })
            .collect()
    }

    /// Saves what the page shows as `target/screenshots/{name}.png`.
    ///
    /// # Panics
    /// When it cannot.
    #[track_caller]
    pub fn screenshot(&self, name: &str) {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        let png = base64::prelude::BASE64_STANDARD
            .decode(answer["data"].as_str().unwrap_or_default())
            .expect("Chromium writes base64");
        let folder = crate::edge::keepsakes("screenshots").expect("a folder for screenshots");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("room for a screenshot");
    }
}
