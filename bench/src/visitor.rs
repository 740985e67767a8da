//! The calls that a browser makes for a visitor, with a browser's headers. Every visitor has an address of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::Result;
use oriel_shared::id::ConversationId;
use oriel_shared::wire::visitor::{SessionReply, TicketReply};
use serde::Deserialize;
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

use crate::echo::listen;

/// Origin of the page that embeds the chat.
pub const PAGE: &str = "https://www.example.com";
/// Far more than any call takes.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Counts visitors; every one is at another address of 198.18.0.0/15, which is set aside for benchmarks (RFC 2544).
static N_VISITORS: AtomicU32 = AtomicU32::new(0);

/// A browser: one connection that is kept.
pub struct Browser<'e> {
    agent: Agent,
    edge: &'e str,
}

/// A session as a browser holds it.
pub struct Session {
    /// Opens its sockets.
    pub access_token: String,
    /// The visitor's conversation.
    pub conversation: ConversationId,
    address: String,
    cookie: String,
}

impl<'e> Browser<'e> {
    /// A browser that calls this edge.
    pub fn new(edge: &'e str) -> Self {
        let agent = Agent::config_builder()
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .build()
            .into();
        Self { agent, edge }
    }

    /// A route that does nothing.
    pub fn constant(&self) -> Result<(), String> {
        let request = Request::get(format!("{}/healthz", self.edge));
        let answer = request
            .body(())
            .map_err(|error| error.to_string())
            .and_then(|request| self.agent.run(request).map_err(|error| error.to_string()))?;
        read::<serde::de::IgnoredAny>("/healthz", 200, answer).map(drop)
    }

    /// A ticket for a new visitor, from the host page.
    pub fn ticket(&self, site: &str) -> Result<(String, String), String> {
        let address = address();
        let path = format!("/v1/sites/{site}/tickets");
        let answer = self.post(&path, "{}", &[("origin", PAGE)], &address)?;
        let reply: TicketReply = read("/v1/sites/…/tickets", 201, answer)?;
        Ok((reply.ticket, address))
    }

    /// A ticket and the session that it opens, from the frame.
    pub fn pair(&self, site: &str) -> Result<Session, String> {
        let (ticket, address) = self.ticket(site)?;
        let body = format!(r#"{{"ticket":"{ticket}"}}"#);
        let answer = self.in_frame("/v1/session", &body, &[], &address)?;
        let cookie = cookie(&answer);
        let reply: SessionReply = read("/v1/session", 201, answer)?;
        Ok(Session {
            access_token: reply.access_token,
            conversation: reply.conversation,
            address,
            cookie,
        })
    }

    /// Renews a session.
    pub fn refresh(&self, session: &mut Session) -> Result<(), String> {
        let headers = [("cookie", session.cookie.as_str())];
        let answer = self.in_frame("/v1/session/refresh", "{}", &headers, &session.address)?;
        session.cookie = cookie(&answer);
        read::<SessionReply>("/v1/session/refresh", 200, answer).map(drop)
    }

    fn in_frame(
        &self,
        path: &str,
        body: &str,
        more: &[(&str, &str)],
        address: &str,
    ) -> Result<Response<Body>, String> {
        let mut headers = vec![("origin", self.edge), ("sec-fetch-site", "same-origin")];
        headers.extend_from_slice(more);
        self.post(path, body, &headers, address)
    }

    fn post(
        &self,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
        address: &str,
    ) -> Result<Response<Body>, String> {
        let mut request = Request::post(format!("{}{path}", self.edge))
            .header("content-type", "application/json")
            .header("cf-connecting-ip", address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| error.to_string())?;
        self.agent.run(request).map_err(|error| error.to_string())
    }
}

/// The address of the next visitor.
fn address() -> String {
    let n = N_VISITORS.fetch_add(1, Ordering::Relaxed);
    let [_, high, middle, low] = n.to_be_bytes();
    format!("198.{}.{middle}.{low}", 18 + (high & 1))
}

/// Name and value of the cookie that an answer sets.
fn cookie(answer: &Response<Body>) -> String {
    let set = answer.headers().get("set-cookie");
    let pair = set.and_then(|value| value.to_str().ok()?.split(';').next());
    pair.unwrap_or_default().to_owned()
}

/// An answer's body; in the failure, what tells one kind from another.
fn read<T: for<'d> Deserialize<'d>>(
    path: &str,
    expected: u16,
    mut answer: Response<Body>,
) -> Result<T, String> {
    let status = answer.status().as_u16();
    let body = answer
        .body_mut()
        .read_to_vec()
        .map_err(|error| error.to_string())?;
    if status != expected {
        #[derive(Default, Deserialize)]
        struct Problem {
            code: String,
        }
        let Problem { code } = serde_json::from_slice(&body).unwrap_or_default();
        return Err(format!("{path} {status} {code}"));
    }
    serde_json::from_slice(&body).map_err(|error| format!("{path}: {error}"))
}

/// An edge that always gives the same pair of ticket and session, see [`listen`].
///
/// # Errors
/// When there is no free port.
pub fn echo() -> Result<String> {
    const TICKET: &str = r#"{"ticket":"t","expires_in":30}"#;
    const SESSION: &str = r#"{"access_token":"a","expires_in":300,"visitor":"vis_AAAAAAAAAAAAAAAAAAAAAA","conversation":"cnv_AAAAAAAAAAAAAAAAAAAAAA"}"#;
    fn serve(mut stream: TcpStream) -> std::io::Result<()> {
        let mut bytes = [0; 4096];
        let mut had = Vec::new();
        loop {
            let n = stream.read(&mut bytes)?;
            if n == 0 {
                return Ok(());
            }
            had.extend_from_slice(&bytes[..n]);
            // Our own requests: the head, and a JSON object that ends with the only `}` after it.
            if !had.ends_with(b"}") {
                continue;
            }
            let body = if had.starts_with(b"POST /v1/session ") {
                SESSION
            } else {
                TICKET
            };
            had.clear();
            // In one piece: two would wait for each other (Nagle and delayed acknowledgement).
            let length = body.len();
            let answer = format!("HTTP/1.1 201 Created\r\ncontent-length: {length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes())?;
        }
    }
    listen(serve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_visitor_has_an_address_of_its_own_for_benchmarks() {
        let addresses: std::collections::HashSet<String> = (0..1000).map(|_| address()).collect();
        assert_eq!(addresses.len(), 1000);
        for address in addresses {
            assert!(address.starts_with("198.18.") || address.starts_with("198.19."));
            assert!(address.parse::<std::net::Ipv4Addr>().is_ok());
        }
    }

    #[test]
    fn a_browser_gets_its_pair_from_an_edge_that_always_answers() {
        let edge = echo().expect("a free port");
        let browser = Browser::new(&edge);
        for _ in 0..3 {
            browser.pair("pk").expect("a pair");
        }
    }
}
