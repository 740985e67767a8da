//! The requests of a page, their answers, and the lines of its console, since it was opened.

use serde_json::{Value, json};

use super::connection::Event;
use super::page::Page;

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

impl Page {
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

    /// Forgets what happened so far.
    pub(super) fn forget(&self) {
        let mut connection = self.connection.borrow_mut();
        let events = std::mem::take(&mut connection.events);
        let others = events
            .into_iter()
            .filter(|event| connection.root(&event.session) != self.session)
            .collect();
        connection.events = others;
    }
}
