//! How a tab talks: a socket, or requests and a stream of events. Both carry the same frames.

use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::visitor::{ClientFrame, Message, MessageSend, ServerFrame};

use super::Transport;
use crate::client::Client;
use crate::edge::Edge;
use crate::events::{self, Events};
use crate::socket::{self, Socket};
use crate::visitor::from_frame;
use crate::wait::SOON;

/// An open link.
pub enum Link {
    /// Both directions in one.
    Socket(Socket),
    /// Out by requests, in by a stream.
    Fallback {
        /// Sends the requests.
        client: Client,
        /// Proves whose they are.
        access_token: String,
        /// What comes in.
        events: Events,
    },
}

/// Why a link is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It broke, or did not come about.
    Link,
    /// The edge does not know the session any more.
    Session,
}

impl Link {
    /// Opens one, asks for what came after a place, and tells the last place in use.
    pub fn open(
        way: Transport,
        edge: &Edge,
        access_token: &str,
        after: Seq,
    ) -> Result<(Self, Seq), Lost> {
        let edge = &edge.ready.edge;
        match way {
            Transport::Socket => {
                let mut socket = Socket::try_open(edge, access_token)?;
                let last = socket.welcome.seq;
                socket.try_send(&ClientFrame::Resume { after })?;
                Ok((Self::Socket(socket), last))
            }
            Transport::Fallback => {
                let after = after.0.to_string();
                let mut events = Events::try_open(edge, "/v1/events", access_token, Some(&after))?;
                let welcome = events.try_event(SOON, |event| Some(event.json::<ServerFrame>()));
                let Ok(Some(ServerFrame::Welcome { seq, .. })) = welcome else {
                    return Err(Lost::Link);
                };
                let link = Self::Fallback {
                    client: Client::new(edge),
                    access_token: access_token.to_owned(),
                    events,
                };
                Ok((link, seq))
            }
        }
    }

    /// Sends a message. A request is acknowledged by its answer, a frame by a frame that comes later.
    pub fn say(&mut self, id: &str, text: &str) -> Result<Option<Message>, Lost> {
        let (id, text) = (id.to_owned(), text.to_owned());
        match self {
            Self::Socket(socket) => {
                socket.try_send(&ClientFrame::Send {
                    id,
                    text,
                    conversation: None,
                })?;
                Ok(None)
            }
            Self::Fallback {
                client,
                access_token,
                ..
            } => {
                let answer = from_frame(client, "POST", "/v1/messages")
                    .bearer(access_token)
                    .json(&MessageSend {
                        id,
                        text,
                        conversation: None,
                    })
                    .try_send()
                    .map_err(|_| Lost::Link)?;
                match answer.status {
                    200 | 201 => Ok(Some(answer.json())),
                    401 => Err(Lost::Session),
                    _ => Err(Lost::Link),
                }
            }
        }
    }

    /// Returns the next frame, if one comes within the time.
    pub fn receive(&mut self, within: Duration) -> Result<Option<ServerFrame>, Lost> {
        match self {
            Self::Socket(socket) => Ok(socket.try_frame(within, |frame| Some(frame.clone()))?),
            Self::Fallback { events, .. } => events
                .try_event(within, |event| Some(event.json()))
                .map_err(|()| Lost::Link),
        }
    }
}

impl From<socket::HandshakeError> for Lost {
    fn from(error: socket::HandshakeError) -> Self {
        match error {
            socket::HandshakeError::Answered(401) => Self::Session,
            _ => Self::Link,
        }
    }
}

impl From<events::StreamError> for Lost {
    fn from(error: events::StreamError) -> Self {
        match error {
            events::StreamError::Answered(401, _) => Self::Session,
            _ => Self::Link,
        }
    }
}
