//! A visitor's open chat, as a load client: it sends a message and waits until that has come back under a sequence
//! number.

use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Result, anyhow};
use oriel_shared::wire::visitor::{self as wire, SOCKET_PROTOCOL};
use serde::Deserialize;
use serde_json::json;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, Utf8Bytes, WebSocket};

use crate::echo::listen;
use crate::server::Implementation;

/// Far more than any message takes.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Every message is this question and its number.
const QUESTION: &str = "When do you open on weekdays?";

/// An open socket, and how many messages were sent on it.
pub struct Chat {
    stream: WebSocket<TcpStream>,
    n_sent: u32,
}

/// The members of a frame that are read here.
#[derive(Deserialize)]
struct ReceivedFrame {
    #[serde(rename = "type")]
    kind: String,
    role: Option<String>,
    id: Option<String>,
    seq: Option<u32>,
    code: Option<String>,
}

impl Chat {
    /// Opens a socket with an access token. Others than Oriel take it in the address.
    ///
    /// # Errors
    /// When it did not open.
    pub fn open(who: Implementation, edge: &str, access_token: &str) -> Result<Self> {
        let authority = edge.trim_start_matches("http://");
        let mut address = format!("ws://{authority}/v1/socket");
        if who != Implementation::Oriel {
            address = format!("{address}?token={access_token}");
        }
        let mut request = address.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("origin", HeaderValue::from_str(edge)?);
        if who == Implementation::Oriel {
            let offered = format!("{SOCKET_PROTOCOL}, {access_token}");
            headers.insert("sec-websocket-protocol", HeaderValue::from_str(&offered)?);
        }
        let stream = TcpStream::connect(authority)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        let (stream, _) = tungstenite::client(request, stream)
            .map_err(|error| anyhow!("{} opened no socket: {error}", who.name()))?;
        Ok(Self { stream, n_sent: 0 })
    }

    /// Asks something and waits for what the assistant answers.
    pub fn ask(&mut self, question: &str) -> Result<wire::Message, String> {
        self.say(question)?;
        loop {
            let (text, frame) = self.receive()?;
            if frame.kind == "message" && frame.role.as_deref() == Some("assistant") {
                return serde_json::from_str(&text).map_err(|error| error.to_string());
            }
        }
    }

    /// Sends the next message, whose text no other one has, and waits until it is acknowledged.
    pub fn say_next(&mut self) -> Result<(), String> {
        self.say(&self.next())
    }

    /// Returns the text of the next message.
    pub fn next(&self) -> String {
        format!("{QUESTION} {}", self.n_sent + 1)
    }

    fn say(&mut self, text: &str) -> Result<(), String> {
        self.n_sent += 1;
        let own = format!("m{}", self.n_sent);
        let frame = json!({ "type": "send", "id": own, "text": text });
        self.stream
            .send(frame.to_string().into())
            .map_err(|error| error.to_string())?;
        loop {
            let (_, frame) = self.receive()?;
            match frame.kind.as_str() {
                "message" if frame.id.as_ref() == Some(&own) && frame.seq.is_some() => {
                    return Ok(());
                }
                "error" => return Err(frame.code.unwrap_or_default()),
                _ => {}
            }
        }
    }

    /// Returns the next frame, as text and parsed. Frames that only the peer sends are passed over.
    fn receive(&mut self) -> Result<(Utf8Bytes, ReceivedFrame), String> {
        loop {
            let frame = self.stream.read().map_err(|error| error.to_string())?;
            if let Message::Text(text) = frame
                && let Ok(frame) = serde_json::from_str(&text)
            {
                return Ok((text, frame));
            }
        }
    }
}

/// Starts an edge that acknowledges every message, see [`listen`].
///
/// # Errors
/// When there is no free port.
pub fn echo() -> Result<String> {
    fn serve(stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut stream = tungstenite::accept(stream).ok()?;
        let mut seq = 0;
        while let Ok(message) = stream.read() {
            let frame: serde_json::Value = serde_json::from_str(message.to_text().ok()?).ok()?;
            seq += 1;
            let answer = json!({
                "type": "message", "role": "visitor", "seq": seq, "id": frame["id"], "text": frame["text"],
            });
            stream.send(answer.to_string().into()).ok()?;
        }
        Some(())
    }
    listen(serve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_hears_its_own_messages_from_an_edge_that_acknowledges_all() {
        let edge = echo().expect("a free port");
        let mut chat = Chat::open(Implementation::Agents, &edge, "token").expect("an open socket");
        for _ in 0..3 {
            chat.say_next().expect("an acknowledgement");
        }
    }
}
