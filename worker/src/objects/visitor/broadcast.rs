//! Who hears: the visitor's sockets and streams. A tab is one of them; all of them hear the same.

use std::cell::RefCell;

use oriel_shared::event::{Action, Actor, Event, Outcome};
use oriel_shared::wire::visitor::{PING, PONG, ServerFrame};
use worker::{State, WebSocket, WebSocketRequestResponsePair};

use super::Visitor;
use super::socket::Opened;
use crate::http::problem::Problem;
use crate::objects::streams;
use crate::{clock, events};

/// RFC 6455: policy violation. The client gets a new session and comes back, or learns that it cannot.
const CLOSE_POLICY: u16 = 1008;

/// Lets the runtime answer pings while the object sleeps.
pub fn answer_pings(state: &State) {
    if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
        state.set_websocket_auto_response(&pair);
    }
}

/// Who sent a frame, and hears what only they asked for.
pub enum Sender<'s> {
    /// A tab with a socket.
    Socket(&'s WebSocket),
    /// A request, which is answered with what its sender is told.
    Request(Replies),
}

/// What the sender of a request is told.
#[derive(Default)]
pub struct Replies {
    /// Frames for them alone.
    pub told: RefCell<Vec<ServerFrame>>,
    /// That what they sent was refused.
    pub refused: RefCell<Option<Problem>>,
}

impl Sender<'_> {
    /// Tells the sender alone.
    pub fn tell(&self, frame: ServerFrame) {
        match self {
            Self::Socket(socket) => send(socket, &frame),
            Self::Request(replies) => replies.told.borrow_mut().push(frame),
        }
    }
}

/// A socket that cannot be written to is closing; its client will resume.
pub fn send(socket: &WebSocket, frame: &ServerFrame) {
    if let Ok(text) = serde_json::to_string(frame) {
        socket.send_with_str(text).ok();
    }
}

/// Whether a socket takes words.
pub fn is_open(socket: &WebSocket) -> bool {
    /// Source: HTML, `WebSocket.OPEN`.
    const OPEN: u16 = 1;
    socket.as_ref().ready_state() == OPEN
}

/// Ends a socket.
pub fn close(socket: &WebSocket, reason: &str) {
    socket.close(Some(CLOSE_POLICY), Some(reason)).ok();
}

/// A frame as a stream has it. A message is a place to come back to.
pub fn event(frame: &ServerFrame) -> String {
    let id = match frame {
        ServerFrame::Message(message) => Some(message.seq.0.into()),
        _ => None,
    };
    streams::event(id, &serde_json::to_string(frame).unwrap_or_default())
}

impl Visitor {
    /// Tells every tab.
    pub(super) fn broadcast(&self, frame: &ServerFrame) {
        self.tell_all(frame, None);
    }

    /// Tells every tab but the one that said it.
    pub(super) fn tell_others(&self, frame: &ServerFrame, sender: &Sender<'_>) {
        match sender {
            Sender::Socket(socket) => self.tell_all(frame, Some(socket)),
            Sender::Request(_) => self.tell_all(frame, None),
        }
    }

    fn tell_all(&self, frame: &ServerFrame, but: Option<&WebSocket>) {
        let sockets = self.state.get_websockets();
        if !sockets.is_empty()
            && let Ok(text) = serde_json::to_string(frame)
        {
            for socket in &sockets {
                if but.is_none_or(|but| but.as_ref() != socket.as_ref()) {
                    socket.send_with_str(&text).ok();
                }
            }
        }
        if !self.streams.is_empty() {
            self.streams.tell(|_| true, &event(frame));
        }
    }

    /// Tells a client that something it sent was refused, and the log that it was.
    pub(super) fn refuse(&self, sender: &Sender<'_>, problem: Problem, id: Option<String>) {
        let socket = match sender {
            Sender::Request(replies) => {
                // The request is refused with it, and logged as every other.
                replies.refused.replace(Some(problem));
                return;
            }
            Sender::Socket(socket) => socket,
        };
        let frame = ServerFrame::Error {
            code: problem.code.name().to_owned(),
            detail: problem.detail,
            id,
            retry_after: problem.retry_after,
        };
        send(socket, &frame);
        if self.is_refusal_logged.replace(true) {
            return;
        }
        if let Ok(Some(opened)) = socket.deserialize_attachment::<Opened>() {
            events::write(&Event {
                at: clock::now().rfc3339(),
                action: Action::SocketFrame,
                outcome: Outcome::Refused,
                reason: Some(problem.code.into()),
                actor: &Actor::Visitor(opened.visitor),
                address: opened.address,
                request_id: Some(&opened.request_id),
            });
        }
    }

    /// Ends every socket and stream.
    pub(super) fn close_all(&self, reason: &str) {
        for socket in &self.state.get_websockets() {
            close(socket, reason);
        }
        self.streams.close(|_| true);
    }

    /// Ends the sockets and streams of one session.
    pub(super) fn close_session(&self, family: &str, reason: &str) {
        for socket in &self.state.get_websockets_with_tag(family) {
            close(socket, reason);
        }
        self.streams.close(|its| its == family);
    }
}
