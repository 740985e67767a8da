//! The visitor's socket, as the widget opens it: frames typed by the wire, a deadline on every read.

use std::net::TcpStream;
use std::time::Duration;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::visitor::{
    ClientFrame, Message, Role, SOCKET_PROTOCOL, ServerFrame, Status,
};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Error, WebSocket};

use crate::confidential;
use crate::wait::{Deadline, SOON};

/// An open socket. Holds back what was read while something else was waited for.
pub struct Socket {
    stream: WebSocket<TcpStream>,
    /// The first frame, as every socket gets it.
    pub welcome: Welcome,
    read: Vec<ServerFrame>,
}

/// What the first frame said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The visitor's conversation.
    pub conversation: ConversationId,
    /// Last sequence number in use.
    pub seq: Seq,
    /// Where the conversation stands.
    pub status: Status,
    /// Whether the visitor may have several.
    pub several: bool,
}

impl Welcome {
    /// Of a frame that is one.
    pub fn of(frame: &ServerFrame) -> Option<Self> {
        match frame {
            ServerFrame::Welcome {
                conversation,
                seq,
                status,
                several,
                ..
            } => Some(Self {
                conversation: conversation.clone(),
                seq: *seq,
                status: *status,
                several: *several,
            }),
            _ => None,
        }
    }
}

/// What a client offers when it opens a socket.
#[derive(Clone, Debug)]
pub struct Offer {
    /// `Origin`; `None` leaves it out.
    pub origin: Option<String>,
    /// `Sec-WebSocket-Protocol`; `None` leaves it out.
    pub protocols: Option<String>,
}

/// Why a socket did not open.
#[derive(Debug)]
pub enum HandshakeError {
    /// The edge answered with another status than 101.
    Answered(u16),
    /// No answer, or a broken one.
    Broken(String),
}

impl Socket {
    /// Opens it as the frame of this edge does.
    ///
    /// # Panics
    /// When it did not open.
    #[track_caller]
    pub fn open(edge: &str, access_token: &str) -> Self {
        Self::try_open(edge, access_token).unwrap_or_else(|why| panic!("no socket: {why:?}"))
    }

    /// Opens one while the edge may be away.
    ///
    /// # Errors
    /// Why it did not open.
    pub fn try_open(edge: &str, access_token: &str) -> Result<Self, HandshakeError> {
        let protocols = Some(format!("{SOCKET_PROTOCOL}, {access_token}"));
        Self::offer(
            edge,
            &Offer {
                origin: Some(edge.to_owned()),
                protocols,
            },
        )
    }

    /// Opens it as whoever makes this offer.
    ///
    /// # Errors
    /// Why it did not open.
    pub fn offer(edge: &str, offer: &Offer) -> Result<Self, HandshakeError> {
        let broken = |error: &dyn std::fmt::Display| HandshakeError::Broken(error.to_string());
        let authority = edge
            .strip_prefix("http://")
            .ok_or_else(|| broken(&"the edge is not on http here"))?;
        let mut request = format!("ws://{authority}/v1/socket")
            .into_client_request()
            .map_err(|error| broken(&error))?;
        for (name, value) in [
            ("origin", &offer.origin),
            ("sec-websocket-protocol", &offer.protocols),
        ] {
            if let Some(value) = value {
                request.headers_mut().insert(
                    name,
                    HeaderValue::from_str(value).map_err(|error| broken(&error))?,
                );
            }
        }
        let stream = TcpStream::connect(authority).map_err(|error| broken(&error))?;
        stream
            .set_read_timeout(Some(SOON))
            .map_err(|error| broken(&error))?;
        stream.set_nodelay(true).map_err(|error| broken(&error))?;
        let (mut stream, answer) = match tungstenite::client(request, stream) {
            Ok(open) => open,
            Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => {
                return Err(HandshakeError::Answered(answer.status().as_u16()));
            }
            Err(error) => return Err(broken(&error)),
        };
        let named = answer
            .headers()
            .get("sec-websocket-protocol")
            .and_then(|value| value.to_str().ok());
        // The token must not be echoed: it would be in every proxy's log of answers.
        if named != Some(SOCKET_PROTOCOL) {
            return Err(broken(&format!("the edge named the subprotocol {named:?}")));
        }
        let first = next_frame(&mut stream, Deadline::after(SOON))?;
        match Welcome::of(&first) {
            Some(welcome) => Ok(Self {
                stream,
                welcome,
                read: Vec::new(),
            }),
            None => Err(broken(&format!("the first frame is {first:?}"))),
        }
    }

    /// Sends a frame.
    ///
    /// # Panics
    /// When the socket is gone.
    #[track_caller]
    pub fn send(&mut self, frame: &ClientFrame) {
        self.try_send(frame)
            .unwrap_or_else(|why| panic!("the socket took no frame: {why:?}"));
    }

    /// Sends a frame while the edge may go away.
    ///
    /// # Errors
    /// Why it was not sent.
    pub fn try_send(&mut self, frame: &ClientFrame) -> Result<(), HandshakeError> {
        let text = serde_json::to_string(frame)
            .map_err(|error| HandshakeError::Broken(error.to_string()))?;
        confidential::note_sent(text.as_bytes());
        self.stream
            .send(text.into())
            .map_err(|error| HandshakeError::Broken(error.to_string()))
    }

    /// Sends a text frame as it is.
    ///
    /// # Panics
    /// When the socket is gone.
    #[track_caller]
    pub fn send_text(&mut self, text: &str) {
        self.stream
            .send(text.into())
            .unwrap_or_else(|error| panic!("the socket took no frame: {error}"));
    }

    /// Says something under an id of the caller's.
    #[track_caller]
    pub fn say(&mut self, id: &str, text: &str) {
        self.send(&ClientFrame::Send {
            id: id.to_owned(),
            text: text.to_owned(),
            conversation: None,
        });
    }

    /// Says something and waits until the edge has acknowledged it: its own message, with its place.
    #[track_caller]
    pub fn say_and_see(&mut self, id: &str, text: &str) -> Message {
        self.say(id, text);
        self.message(&format!("the acknowledgement of {id}"), |message| {
            message.id == id && message.role == Role::Visitor
        })
    }

    /// Says something and waits for the answer to it: the next message of another role than the visitor's.
    #[track_caller]
    pub fn ask(&mut self, id: &str, text: &str) -> Message {
        let asked = self.say_and_see(id, text);
        self.message(&format!("an answer to `{text}`"), |message| {
            message.seq > asked.seq && message.role != Role::Visitor
        })
    }

    /// Waits until the edge has refused something, and tells the code, of what, and how long to wait.
    #[track_caller]
    pub fn refusal(&mut self) -> (String, Option<String>, Option<u32>) {
        self.frame("a refusal", |frame| match frame {
            ServerFrame::Error {
                code,
                id,
                retry_after,
                ..
            } => Some((code.clone(), id.clone(), *retry_after)),
            _ => None,
        })
    }

    /// Waits for the message that `wanted` wants.
    ///
    /// # Panics
    /// When it did not come; the message shows what came instead.
    #[track_caller]
    pub fn message(&mut self, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        self.frame(what, |frame| match frame {
            ServerFrame::Message(message) if wanted(message) => Some(message.clone()),
            _ => None,
        })
    }

    /// Waits for the frame in which `look` finds something, and takes it out of what was read.
    ///
    /// # Panics
    /// When it did not come; the message shows what came instead.
    #[track_caller]
    pub fn frame<T>(&mut self, what: &str, look: impl Fn(&ServerFrame) -> Option<T>) -> T {
        match self.try_frame(SOON, look) {
            Ok(Some(found)) => found,
            Ok(None) => panic!("waited {SOON:?} for {what}; unread: {:#?}", self.read),
            Err(why) => panic!(
                "the socket ended while waiting for {what}: {why:?}; unread: {:#?}",
                self.read
            ),
        }
    }

    /// Waits for the frame that `look` wants; `None` when it did not come `within` the time.
    ///
    /// # Errors
    /// When the socket ended.
    pub fn try_frame<T>(
        &mut self,
        within: Duration,
        look: impl Fn(&ServerFrame) -> Option<T>,
    ) -> Result<Option<T>, HandshakeError> {
        let deadline = Deadline::after(within);
        let mut at = 0;
        loop {
            while let Some(frame) = self.read.get(at) {
                if let Some(found) = look(frame) {
                    self.read.remove(at);
                    return Ok(Some(found));
                }
                at += 1;
            }
            match next_frame(&mut self.stream, deadline) {
                Ok(frame) => self.read.push(frame),
                Err(HandshakeError::Broken(why)) if why == LATE => return Ok(None),
                Err(why) => return Err(why),
            }
        }
    }

    /// Asks for everything after `after` and returns it, up to `up_to`. News that were on their way already are
    /// skipped: what was asked for begins with the message right after `after`.
    #[track_caller]
    pub fn resume(&mut self, after: Seq, up_to: Seq) -> Vec<Message> {
        self.read
            .retain(|frame| !matches!(frame, ServerFrame::Message(_)));
        self.send(&ClientFrame::Resume { after });
        let what = format!("the messages from {after:?} to {up_to:?}");
        let mut messages: Vec<Message> = Vec::new();
        while messages.last().map_or(after, |message| message.seq) < up_to {
            let message = self.message(&what, |_| true);
            if !messages.is_empty() || message.seq == after.next() {
                messages.push(message);
            }
        }
        messages
    }

    /// Waits for an answer to a bare text frame.
    ///
    /// # Panics
    /// When it did not come.
    #[track_caller]
    pub fn expect_text(&mut self, expected: &str) {
        let deadline = Deadline::after(SOON);
        loop {
            match next_text(&mut self.stream, deadline) {
                Ok(text) if text == expected => return,
                Ok(text) => self
                    .read
                    .push(serde_json::from_str(&text).expect("a frame that is known")),
                Err(why) => panic!("no `{expected}`: {why:?}"),
            }
        }
    }

    /// Waits until the edge has closed the socket.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn expect_closed(&mut self) {
        match self.try_frame(SOON, |_| None::<()>) {
            Err(_) => {}
            Ok(_) => panic!("the socket is open after {SOON:?}"),
        }
    }

    /// Closes it as a tab that goes away does: without a word.
    pub fn vanish(self) {
        drop(self);
    }
}

/// What [`next_text`] says when the deadline has passed.
const LATE: &str = "nothing came in time";

fn next_frame(
    stream: &mut WebSocket<TcpStream>,
    deadline: Deadline,
) -> Result<ServerFrame, HandshakeError> {
    let text = next_text(stream, deadline)?;
    serde_json::from_str(&text)
        .map_err(|error| HandshakeError::Broken(format!("{error} in the frame {text}")))
}

fn next_text(
    stream: &mut WebSocket<TcpStream>,
    deadline: Deadline,
) -> Result<String, HandshakeError> {
    loop {
        let left = deadline
            .left()
            .ok_or_else(|| HandshakeError::Broken(LATE.to_owned()))?;
        stream
            .get_ref()
            .set_read_timeout(Some(left))
            .map_err(|error| HandshakeError::Broken(error.to_string()))?;
        match stream.read() {
            Ok(tungstenite::Message::Text(text)) => {
                confidential::note_received(text.as_bytes());
                return Ok(text.to_string());
            }
            Ok(tungstenite::Message::Close(why)) => {
                return Err(HandshakeError::Broken(format!("closed: {why:?}")));
            }
            // Pings are answered by the library.
            Ok(_) => {}
            Err(Error::Io(error))
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) =>
            {
                return Err(HandshakeError::Broken(LATE.to_owned()));
            }
            Err(error) => return Err(HandshakeError::Broken(error.to_string())),
        }
    }
}
