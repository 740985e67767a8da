//! Calls the edge over HTTP and holds answers to the contract.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use oriel_shared::wire::problem::{Code, ProblemDocument};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::{HeaderMap, Method, Request};

use crate::confidential;

/// Longer than any call may take, so that a hanging one fails as one.
const CALL_WITHIN: Duration = Duration::from_secs(60);

/// Somebody with no key, no cookie and no origin.
#[derive(Clone)]
pub struct Client {
    edge: String,
    agent: ureq::Agent,
    address: Option<String>,
}

impl Client {
    /// For the edge at this origin.
    pub fn new(edge: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(CALL_WITHIN))
            // A connection that the edge closed while it was idle would fail the next call by chance.
            .max_idle_connections(0)
            .build()
            .new_agent();
        Self {
            edge: edge.to_owned(),
            agent,
            address: None,
        }
    }

    /// Somebody with no key either, at another address. The platform sets this header itself; the local runtime takes what it is sent.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self {
            address: Some(address.to_owned()),
            ..self.clone()
        }
    }

    /// The edge's origin.
    pub fn edge(&self) -> &str {
        &self.edge
    }

    /// Begins a call. `path` begins with a slash.
    ///
    /// # Panics
    /// When `method` is not one.
    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        Call {
            client: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// Begins a GET.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    /// Begins a POST.
    pub fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }
}

/// An address that nobody else has: limits by address are for those who ask [`Client::at`] one.
fn somewhere() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    Ipv4Addr::from(0x0a00_0000 | (n & 0x00ff_ffff)).to_string()
}

/// A call in the making.
#[must_use = "a call that is not sent asks nothing"]
pub struct Call<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds `Origin`.
    pub fn origin(self, origin: &str) -> Self {
        self.header("origin", origin)
    }

    /// Sends this as JSON.
    ///
    /// # Panics
    /// When it cannot be written as JSON.
    pub fn json(self, body: &impl Serialize) -> Self {
        self.body(
            "application/json",
            serde_json::to_vec(body).expect("a body that is JSON"),
        )
    }

    /// Sends these bytes.
    pub fn body(mut self, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self.header("content-type", media_type)
    }

    /// Sends these bytes without saying what they are.
    pub fn untyped_body(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Some(bytes.into());
        self
    }

    /// Sends the call. A stream of events is not read: [`crate::events`] does that.
    ///
    /// # Panics
    /// When no answer came. An answer of any status is an answer.
    #[track_caller]
    pub fn send(self) -> Response {
        let what = format!("{} {}", self.method, self.path);
        self.try_send()
            .unwrap_or_else(|why| panic!("{what} got no answer: {why}"))
    }

    /// Sends the call while the edge may be away.
    ///
    /// # Errors
    /// Why no answer came.
    pub fn try_send(self) -> Result<Response, String> {
        let what = format!("{} {}", self.method, self.path);
        let mut request = Request::builder()
            .method(self.method)
            .uri(format!("{}{}", self.client.edge, self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let address = self.client.address.clone();
        request = request.header("cf-connecting-ip", address.unwrap_or_else(somewhere));
        for (name, value) in &self.headers {
            match name.as_str() {
                "authorization" => confidential::note(value.trim_start_matches("Bearer ")),
                "cookie" => {
                    confidential::note(value.split_once('=').map_or(value, |(_, value)| value))
                }
                _ => {}
            }
        }
        if let Some(body) = &self.body {
            confidential::note_sent(body);
        }
        let agent = &self.client.agent;
        let answer = match self.body {
            // Any method may carry a body here: the edge has to cope with all of them.
            Some(body) => agent.run(request.body(body).map_err(|error| error.to_string())?),
            None => agent.run(request.body(()).map_err(|error| error.to_string())?),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let media_type = answer.headers().get("content-type");
        let is_endless = media_type.is_some_and(|value| value == "text/event-stream");
        let body = if is_endless {
            Vec::new()
        } else {
            let body = answer.body_mut().with_config().limit(64 << 20);
            body.read_to_vec().map_err(|error| error.to_string())?
        };
        confidential::note_received(&body);
        Ok(Response {
            what,
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body,
        })
    }
}

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// What was asked, for messages.
    pub what: String,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as it came.
    pub body: Vec<u8>,
}

impl Response {
    /// A header's value; several of one name are joined as HTTP joins them. `None` when absent.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> = self
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Demands a status.
    ///
    /// # Panics
    /// When it is another one; the message shows the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text());
        self
    }

    /// Reads the body.
    ///
    /// # Panics
    /// When the answer is not JSON of this shape.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        let media_type = self.header("content-type").unwrap_or_default();
        assert!(
            media_type.starts_with("application/json"),
            "{}: {media_type}: {}",
            self.what,
            self.text()
        );
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.what, self.text()))
    }

    /// Demands a problem document with this code, and that it is a whole one: all members, each as the contract says.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn problem(&self, code: Code) -> ProblemDocument {
        let shown = format!("{} answered {} {}", self.what, self.status, self.text());
        let problem = self.any_problem();
        assert_eq!(problem.code, code.name(), "{shown}");
        assert_eq!(self.status, code.status(), "{shown}");
        assert_eq!(problem.title, code.title(), "{shown}");
        problem
    }

    /// Demands a whole problem document, whatever its code.
    ///
    /// # Panics
    /// When it is anything else.
    #[track_caller]
    pub fn any_problem(&self) -> ProblemDocument {
        let shown = format!("{} answered {} {}", self.what, self.status, self.text());
        let media_type = self.header("content-type").unwrap_or_default();
        assert!(
            media_type.starts_with("application/problem+json"),
            "media type `{media_type}`: {shown}"
        );
        let problem: ProblemDocument =
            serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {shown}"));
        let known = Code::ALL.iter().find(|known| known.name() == problem.code);
        let known =
            known.unwrap_or_else(|| panic!("a code that is not in the closed list: {shown}"));
        assert_eq!(
            known.status(),
            self.status,
            "the code's status is not the answer's: {shown}"
        );
        assert_eq!(
            problem.status, self.status,
            "the member `status` is not the answer's: {shown}"
        );
        assert_eq!(problem.title, known.title(), "{shown}");
        assert!(
            problem.kind.contains(&problem.code),
            "`type` explains another code: {shown}"
        );
        assert!(!problem.detail.trim().is_empty(), "no detail: {shown}");
        assert!(
            oriel_shared::id::RequestId::is_wellformed(&problem.request_id),
            "no request id: {shown}"
        );
        assert_eq!(
            self.header("cache-control").as_deref(),
            Some("no-store"),
            "an error may be cached: {shown}"
        );
        problem
    }

    /// Each `Set-Cookie` of the answer.
    pub fn cookies(&self) -> Vec<Cookie> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| Cookie::parse(&String::from_utf8_lossy(value.as_bytes())))
            .inspect(|cookie| confidential::note(&cookie.value))
            .collect()
    }
}

/// A cookie as a browser would keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The attributes, names in lower case.
    pub attributes: Vec<(String, String)>,
}

impl Cookie {
    fn parse(text: &str) -> Self {
        let mut parts = text
            .split(';')
            .map(|part| part.trim().split_once('=').unwrap_or((part.trim(), "")));
        let (name, value) = parts.next().unwrap_or_default();
        let attributes = parts
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            attributes,
        }
    }

    /// As the `Cookie` header carries it.
    pub fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }

    /// Value of an attribute; an empty text for one that has none. `None` when absent.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(its, _)| its == name)
            .map(|(_, value)| value.as_str())
    }
}
