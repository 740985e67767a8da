//! A page: a tab, the frames in it, and its window.

use std::cell::RefCell;
use std::rc::Rc;

use base64::Engine;
use serde_json::{Value, json};

use super::connection::{Connection, Session};
use super::frame::Frame;

/// A page. It is a [`Frame`] too: the one at the top.
pub struct Page {
    frame: Frame,
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
        let target = {
            let connection = self.connection.borrow();
            let session = connection.session(&self.session);
            session.map(|session| session.target.clone())
        };
        let info = self.browser_call("Target.getTargetInfo", &json!({ "targetId": target }));
        info["targetInfo"]["browserContextId"].clone()
    }

    #[track_caller]
    fn browser_call(&self, method: &str, parameters: &Value) -> Value {
        let answer = self.connection.borrow_mut().call(None, method, parameters);
        answer.unwrap_or_else(|why| panic!("{method}: {why}"))
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

    /// Goes to an address and waits until it has loaded.
    ///
    /// # Panics
    /// When it did not load.
    #[track_caller]
    pub fn open(&self, url: &str) {
        let origin: String = url.split('/').take(3).collect::<Vec<_>>().join("/");
        if self.try_evaluate("location.origin") != Ok(json!(origin)) {
            // The first page of an origin moves to another process, and what happens there before the debugger has
            // followed is not reported. So it is loaded twice, and the events of the first time are forgotten.
            self.go(url);
            self.connection.borrow_mut().forget(&self.session);
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
        let folder = crate::edge::artifact_folder("screenshots").expect("a folder for screenshots");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("room for a screenshot");
    }
}

/// Left on a document before another one is asked for.
const MARK: &str = "window.leaving = true";

/// Whether the document that was asked for is there, whole.
fn has_loaded(page: &Frame) -> Option<()> {
    let loaded = "document.readyState === 'complete' && window.leaving === undefined";
    (page.try_evaluate(loaded) == Ok(json!(true))).then_some(())
}
