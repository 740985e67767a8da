//! Chromium over its DevTools protocol, without a runtime: one socket, read by whoever waits for something.
//!
//! Elements are found by role and name in the accessibility tree, as a person with a screen reader finds them. That
//! reaches closed shadow roots, and keeps the tests off the widget's markup. Clicks and keys are real input events;
//! they go to the page, and Chromium finds the frame, in another process or not. Every request, console line and
//! policy violation is kept.
//!
//! Source: <https://chromedevtools.github.io/devtools-protocol/tot/>.

mod connection;
mod element;
mod frame;
mod input;
mod layout;
mod observed;
mod page;

use std::cell::RefCell;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;

use crate::processes;
use crate::proxy::Proxy;
use crate::wait::until;
use connection::Connection;
pub use element::Element;
pub use frame::Frame;
pub use input::Key;
pub use layout::Screen;
pub use observed::Request;
pub use page::Page;

/// How long a cold start takes on a busy machine.
const STARTED_WITHIN: Duration = Duration::from_secs(60);
/// How long it may take to close when it is asked to; then it is killed.
const CLOSED_WITHIN: Duration = Duration::from_secs(10);

/// A browser with a profile of its own. Dropping it closes it.
pub struct Browser {
    connection: Rc<RefCell<Connection>>,
    child: Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// When there is no Chromium, or it does not start.
    #[track_caller]
    pub fn start() -> Self {
        Self::with_preferences(&json!({}))
    }

    /// Starts one whose owner has set these preferences, by their names in the profile's `Preferences` file.
    ///
    /// # Panics
    /// When there is no Chromium, or it does not start.
    #[track_caller]
    pub fn with_preferences(preferences: &serde_json::Value) -> Self {
        Self::launch(preferences, &[])
    }

    /// Starts one behind an HTTP proxy, for this machine's own addresses too.
    ///
    /// # Panics
    /// When there is no Chromium, or it does not start.
    #[track_caller]
    pub fn behind(proxy: &Proxy) -> Self {
        let server = format!("--proxy-server={}", proxy.address());
        Self::launch(&json!({}), &[&server, "--proxy-bypass-list=<-loopback>"])
    }

    #[track_caller]
    fn launch(preferences: &serde_json::Value, arguments: &[&str]) -> Self {
        let program = std::env::var_os("ORIEL_CHROMIUM")
            .map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from);
        let profile = tempfile::Builder::new()
            .prefix("oriel-chromium-")
            .tempdir()
            .expect("a folder for the profile");
        let settings = profile.path().join("Default");
        std::fs::create_dir(&settings).expect("a folder for the preferences");
        std::fs::write(settings.join("Preferences"), preferences.to_string())
            .expect("room for the preferences");
        let mut child = Command::new(&program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                // A small machine must not put the frame and its host page into one process: a visitor's does not.
                "--site-per-process",
                "--window-size=1000,800",
                "--remote-debugging-port=0",
            ])
            .args(arguments)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; name a Chromium in ORIEL_CHROMIUM",
                    program.display()
                )
            });
        processes::started(child.id());
        let stderr = child.stderr.take();
        let words = std::thread::spawn(move || {
            // Read to the end: a full pipe would stop the browser.
            let mut words = String::new();
            let _cut = stderr.map(|mut stderr| stderr.read_to_string(&mut words));
            words
        });
        // Chromium writes its port and the path of its socket there when it listens.
        let note = profile.path().join("DevToolsActivePort");
        let address = until("Chromium's debugging port", STARTED_WITHIN, || {
            if !matches!(child.try_wait(), Ok(None)) {
                return Some(None);
            }
            let text = std::fs::read_to_string(&note).ok()?;
            let (port, path) = text.trim().split_once('\n')?;
            Some(Some(format!("127.0.0.1:{port}{path}")))
        });
        let Some(address) = address else {
            panic!(
                "{} ended at once: {}",
                program.display(),
                words.join().unwrap_or_default()
            );
        };
        let connection = Connection::open(&address)
            .unwrap_or_else(|why| panic!("no connection to Chromium: {why}"));
        Self {
            connection: Rc::new(RefCell::new(connection)),
            child,
            _profile: profile,
        }
    }

    /// Opens an empty page in a context of its own: no cookie, no storage, no cache is shared with another one.
    ///
    /// # Panics
    /// When Chromium refuses.
    #[track_caller]
    pub fn page(&self) -> Page {
        let context = self.browser_call("Target.createBrowserContext", &json!({}));
        let target = self.browser_call(
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": context["browserContextId"] }),
        );
        Page::attach(
            &self.connection,
            target["targetId"].as_str().unwrap_or_default(),
        )
    }

    /// Opens an empty page in the profile itself, where its owner's preferences hold in full.
    ///
    /// # Panics
    /// When Chromium refuses.
    #[track_caller]
    pub fn own_page(&self) -> Page {
        let target = self.browser_call("Target.createTarget", &json!({ "url": "about:blank" }));
        Page::attach(
            &self.connection,
            target["targetId"].as_str().unwrap_or_default(),
        )
    }

    #[track_caller]
    fn browser_call(&self, method: &str, parameters: &serde_json::Value) -> serde_json::Value {
        let answer = self.connection.borrow_mut().call(None, method, parameters);
        answer.unwrap_or_else(|why| panic!("{method}: {why}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        processes::stopped(self.child.id());
        let _closing = self
            .connection
            .borrow_mut()
            .send(None, "Browser.close", &json!({}));
        let deadline = crate::wait::Deadline::after(CLOSED_WITHIN);
        while deadline.left().is_some() {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
