//! How each endpoint of the description is called well: a customer with one of everything, and a sample call for each.
//!
//! An endpoint without a sample fails the tests of `security/endpoints.rs`, so that a new one cannot be left out.

mod customer;
mod samples;

use std::net::TcpStream;

use oriel_shared::wire::visitor::SOCKET_PROTOCOL;
use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;

use crate::client::{Call, Client, Response};
use crate::openapi::Operation;
use crate::team::Team;
use crate::visitor::from_frame;
use crate::wait::SOON;
pub use customer::{Customer, ELSEWHERE, StrayCredential};

/// A sitemap that anybody may ask for.
const SITEMAP: &str = "https://example.com/sitemap.xml";

/// Where a call carries what lets its caller in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialPlace {
    /// Nothing is asked for.
    Open,
    /// The page's origin.
    Origin,
    /// A ticket in the body.
    Ticket,
    /// The refresh cookie, of this name.
    Cookie(String),
    /// An access token among the subprotocols.
    Subprotocol,
    /// An access token in the `Authorization` header.
    Access,
    /// A link's token, in the path.
    Link,
    /// An API key.
    Key,
}

/// A call that would be answered well, not sent yet.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The call.
    pub call: Operation,
    /// What lets in, and where it goes.
    pub place: CredentialPlace,
    /// The one that fits.
    pub key: String,
    /// Values of the parameters in the path.
    pub ids: Vec<String>,
    query: String,
    body: Option<Value>,
}

impl Sample {
    /// The path with its parameters filled in.
    pub fn path(&self) -> String {
        let key = self.key.replace(['/', ' ', ':', '?', '#'], "-");
        let mut ids = self.ids.iter();
        let segments = self.call.path.split('/').map(|segment| {
            if segment == "{token}" && self.place == CredentialPlace::Link {
                // Whatever it is, it is one segment.
                key.as_str()
            } else if segment.starts_with('{') {
                ids.next().expect("a value for every parameter").as_str()
            } else {
                segment
            }
        });
        format!("{}{}", segments.collect::<Vec<_>>().join("/"), self.query)
    }

    /// This call for things that nobody has made.
    pub fn of_nothing(&self) -> Self {
        let mut other = self.clone();
        let made_up = |id: &String| match id.split_once('_') {
            Some((prefix, _)) => format!("{prefix}_{}", "A".repeat(22)),
            None => "nothing".to_owned(),
        };
        other.ids = self.ids.iter().map(made_up).collect();
        other.query = match self.query.split_once('=') {
            Some((name, id)) => format!("{name}={}", made_up(&id.to_owned())),
            None => String::new(),
        };
        other
    }

    /// This call in the hands of another team.
    pub fn by(&self, team: &Team) -> Self {
        Self {
            key: team.key().to_owned(),
            ..self.clone()
        }
    }

    /// This call with one more query parameter.
    pub fn with_parameter(&self, name: &str, value: &str) -> Self {
        let separator = if self.query.is_empty() { '?' } else { '&' };
        Self {
            query: format!("{}{separator}{name}={value}", self.query),
            ..self.clone()
        }
    }

    /// This call with another credential in the place of the good one.
    pub fn with_credential(&self, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            ..self.clone()
        }
    }

    /// What it says in its body.
    pub fn body(&self) -> Option<Value> {
        let mut body = self.body.clone()?;
        if self.place == CredentialPlace::Ticket {
            body["ticket"] = json!(self.key);
        }
        Some(body)
    }

    /// The call without a body, as its caller makes it.
    pub fn begin<'c>(&self, client: &'c Client) -> Call<'c> {
        self.begin_as(client, &self.call.method)
    }

    /// The call without a body, by another method.
    pub fn begin_as<'c>(&self, client: &'c Client, method: &str) -> Call<'c> {
        let path = self.path();
        match &self.place {
            CredentialPlace::Open | CredentialPlace::Link => client.call(method, &path),
            CredentialPlace::Origin => client.call(method, &path).origin(&self.key),
            CredentialPlace::Key => client.call(method, &path).bearer(&self.key),
            CredentialPlace::Access => from_frame(client, method, &path).bearer(&self.key),
            CredentialPlace::Ticket | CredentialPlace::Subprotocol => {
                from_frame(client, method, &path)
            }
            CredentialPlace::Cookie(name) => {
                from_frame(client, method, &path).header("cookie", &format!("{name}={}", self.key))
            }
        }
    }

    /// Makes the call.
    ///
    /// # Panics
    /// When no answer came.
    #[track_caller]
    pub fn send(&self, client: &Client) -> Response {
        if self.place == CredentialPlace::Subprotocol {
            let protocols = format!("{SOCKET_PROTOCOL}, {}", self.key);
            return upgrade_at(client.edge(), &self.path(), client.edge(), &protocols);
        }
        match self.body() {
            Some(body) => self.begin(client).json(&body).send(),
            None => self.begin(client).send(),
        }
    }
}

/// Asks for a socket and hangs up at once: what the answer carried.
///
/// # Panics
/// When there was no answer.
#[track_caller]
pub fn upgrade(edge: &str, origin: &str, protocols: &str) -> Response {
    upgrade_at(edge, "/v1/socket", origin, protocols)
}

#[track_caller]
fn upgrade_at(edge: &str, path: &str, origin: &str, protocols: &str) -> Response {
    let authority = edge.trim_start_matches("http://");
    let mut request = format!("ws://{authority}{path}")
        .into_client_request()
        .expect("an address");
    for (name, value) in [("origin", origin), ("sec-websocket-protocol", protocols)] {
        let value = HeaderValue::from_str(value).expect("a header's value");
        request.headers_mut().insert(name, value);
    }
    let stream = TcpStream::connect(authority).expect("the edge");
    stream.set_read_timeout(Some(SOON)).expect("a live socket");
    let answer = match tungstenite::client(request, stream) {
        Ok((_hung_up, answer)) => answer,
        Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => *answer,
        Err(error) => panic!("GET {path} got no answer: {error}"),
    };
    Response {
        what: format!("GET {path}"),
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.body().clone().unwrap_or_default(),
    }
}
