//! Firefox and WebKitGTK over WebDriver, as far as `src/bin/browsers.rs` uses them. Chromium has [`crate::browser`], which sees
//! and does more.
//!
//! Source: <https://www.w3.org/TR/webdriver2/>. Both drivers run one session at a time and end their browser with it.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::edge::workspace;
use crate::processes;
use crate::wait::{SOON, until};

/// A first start reads a profile that is not there yet.
const ANSWERED_WITHIN: Duration = Duration::from_mins(2);
/// What names an element in an answer.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys as WebDriver writes them.
pub const TAB: &str = "\u{e004}";
/// See [`TAB`].
pub const ENTER: &str = "\u{e007}";
/// See [`TAB`].
pub const ESCAPE: &str = "\u{e00c}";

/// A kind of browser, and how it is driven.
pub struct Kind {
    /// What people call it.
    pub name: &'static str,
    /// The program of its driver.
    driver: &'static str,
    /// What installs both.
    pub install: &'static str,
}

/// Those that can be driven on Linux.
pub const KINDS: [Kind; 2] = [
    Kind {
        name: "Firefox",
        driver: "geckodriver",
        install: "apt-get install firefox-esr xvfb; cargo install geckodriver",
    },
    Kind {
        name: "WebKitGTK",
        driver: "WebKitWebDriver",
        install: "apt-get install webkit2gtk-driver xvfb",
    },
];

/// A program that was started here. Dropping it stops it.
struct Started(Child);

impl Started {
    /// `None` when there is no such program.
    fn new(command: &mut Command) -> Option<Self> {
        let child = command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        processes::started(child.id());
        Some(Self(child))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        processes::stopped(self.0.id());
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// A screen that nobody looks at; `None` when the program for it is not installed.
fn screen() -> Option<(Started, String)> {
    let mut xvfb = Command::new("Xvfb");
    let xvfb = xvfb
        .args(["-displayfd", "1", "-screen", "0", "1280x1000x24"])
        .stdout(Stdio::piped());
    let mut started = Started::new(xvfb)?;
    let mut number = String::new();
    BufReader::new(started.0.stdout.take()?)
        .read_line(&mut number)
        .ok()?;
    Some((started, format!(":{}", number.trim())))
}

/// A running browser with one window. Dropping it ends it, its driver and its screen.
pub struct Browser {
    agent: ureq::Agent,
    session: String,
    /// Its name and version, as it says itself.
    pub version: String,
    _driver: Started,
    _screen: Started,
}

impl Browser {
    /// Starts one.
    ///
    /// # Errors
    /// Why there is none: a program that is not installed, or what its driver says.
    pub fn start(kind: &Kind) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr());
        let port = free.map_err(|error| error.to_string())?.port();
        let (screen, display) = screen().ok_or("there is no Xvfb")?;
        let mut driver = Command::new(kind.driver);
        driver
            .arg(format!("--port={port}"))
            .env("DISPLAY", display)
            .stdout(Stdio::null());
        let driver =
            Started::new(&mut driver).ok_or_else(|| format!("there is no {}", kind.driver))?;
        until("the driver to listen", SOON, || {
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWERED_WITHIN))
            .build()
            .new_agent();
        let mut browser = Self {
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            version: String::new(),
            _driver: driver,
            _screen: screen,
        };
        let anything = json!({ "capabilities": { "alwaysMatch": {} } });
        let answer = browser.call("", &anything)?;
        let said = |text: &Value| text.as_str().unwrap_or("?").to_owned();
        let capabilities = &answer["capabilities"];
        browser.version = [
            &capabilities["browserName"],
            &capabilities["browserVersion"],
        ]
        .map(said)
        .join(" ");
        browser.session = format!("{}/{}", browser.session, said(&answer["sessionId"]));
        Ok(browser)
    }

    fn call(&self, path: &str, body: &Value) -> Result<Value, String> {
        let url = [&*self.session, path].concat();
        let answer = self
            .agent
            .post(url)
            .content_type("application/json")
            .send(body.to_string());
        read(answer)
    }

    /// Opens an address in its window.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.call("/url", &json!({ "url": url }))
            .expect("an address that opens");
    }

    /// What a function body returns, run where [`Browser::enter`] has led to; why not, if it throws.
    ///
    /// # Errors
    /// What the driver says.
    pub fn evaluate(&self, body: &str) -> Result<Value, String> {
        self.call("/execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// Waits until a function body returns something that is true.
    #[track_caller]
    pub fn until(&self, what: &str, body: &str) -> Value {
        until(what, SOON, || {
            let value = self.evaluate(body).ok()?;
            (!matches!(value, Value::Null | Value::Bool(false))).then_some(value)
        })
    }

    /// Goes into the frame that a function body returns, from the window's own document; without one, to that document.
    #[track_caller]
    pub fn enter(&self, frame: Option<&str>) {
        self.call("/frame", &json!({ "id": null }))
            .expect("a way out");
        if let Some(frame) = frame {
            let id = self.until("the frame", frame);
            self.call("/frame", &json!({ "id": id })).expect("a way in");
        }
    }

    /// Clicks on the element that a function body returns.
    #[track_caller]
    pub fn click(&self, element: &str) {
        let element = self.until("what is to be clicked", element);
        let id = element[ELEMENT].as_str().expect("an element");
        self.call(&format!("/element/{id}/click"), &json!({}))
            .expect("a click");
    }

    /// Presses keys, one after the other, wherever the focus is.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let down_and_up =
            |key: char| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }));
        let strokes: Vec<Value> = keys.chars().flat_map(down_and_up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.call("/actions", &json!({ "actions": [keyboard] }))
            .expect("keys");
    }

    /// Keeps a picture of its window in `target/screenshots`.
    pub fn screenshot(&self, name: &str) {
        let folder = workspace().join("target/screenshots");
        let picture = self
            .agent
            .get(format!("{}/screenshot", self.session))
            .call();
        let Ok(Value::String(text)) = read(picture) else {
            return;
        };
        if let Ok(bytes) = BASE64_STANDARD.decode(text) {
            let _made = std::fs::create_dir_all(&folder);
            let _kept = std::fs::write(folder.join(format!("{name}.png")), bytes);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ended = self.agent.delete(&self.session).call();
    }
}

/// The value of an answer, or what went wrong.
fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, String> {
    let mut answer = answer.map_err(|error| error.to_string())?;
    let is_good = answer.status().is_success();
    let text = answer
        .body_mut()
        .read_to_string()
        .map_err(|error| error.to_string())?;
    let mut body: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let value = body["value"].take();
    if is_good {
        Ok(value)
    } else {
        Err(value.to_string())
    }
}
