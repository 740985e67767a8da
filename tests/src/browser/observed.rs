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
    /// The requests that the page and its frames made so far, its own document included.
    pub fn requests(&self) -> Vec<Request> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut requests: Vec<Request> = events(self, "Network.requestWillBeSent")
            .iter()
            .map(|Event { parameters, .. }| Request {
                url: text(&parameters["request"]["url"]),
                kind: text(&parameters["type"]),
                method: text(&parameters["request"]["method"]),
            })
            .collect();
        requests.extend(
            events(self, "Network.webSocketCreated")
                .iter()
                .map(|event| Request {
                    url: text(&event.parameters["url"]),
                    kind: "WebSocket".to_owned(),
                    method: "GET".to_owned(),
                }),
        );
        requests
    }

    /// Statuses of the answers from an address.
    pub fn responses(&self, url: &str) -> Vec<u64> {
        // What CORS keeps from the page is in the extra information alone, which does not say where from.
        let asked = requests_to(self, url);
        events(self, "Network.responseReceivedExtraInfo")
            .into_iter()
            .filter(|event| asked.contains(&event.parameters["requestId"]))
            .filter_map(|event| event.parameters["statusCode"].as_u64())
            .collect()
    }

    /// Names of the cookies that went with the requests to an address.
    pub fn cookies_sent(&self, url: &str) -> Vec<String> {
        let asked = requests_to(self, url);
        events(self, "Network.requestWillBeSentExtraInfo")
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
        events(self, "Network.loadingFailed")
            .iter()
            .map(|event| event.parameters.to_string())
            .collect()
    }

    /// Errors and warnings in the console, uncaught exceptions, and what the browser itself complains about.
    pub fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for Event { parameters, .. } in events(self, "Runtime.consoleAPICalled") {
            if ["error", "warning", "assert"]
                .iter()
                .any(|kind| parameters["type"] == json!(kind))
            {
                complaints.push(format!("console: {}", parameters["args"]));
            }
        }
        for Event { parameters, .. } in events(self, "Runtime.exceptionThrown") {
            complaints.push(format!("exception: {}", parameters["exceptionDetails"]));
        }
        for Event { parameters, .. } in events(self, "Log.entryAdded") {
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
        events(self, "Audits.issueAdded")
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
}

/// The events of one name in a page and its frames.
fn events(page: &Page, method: &str) -> Vec<Event> {
    page.connection.borrow().events_of(&page.session, method)
}

/// The browser's own names of the requests of a page to an address.
fn requests_to(page: &Page, url: &str) -> Vec<Value> {
    events(page, "Network.requestWillBeSent")
        .into_iter()
        .filter(|event| event.parameters["request"]["url"] == json!(url))
        .map(|event| event.parameters["requestId"].clone())
        .collect()
}
