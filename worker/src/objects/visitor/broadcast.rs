//! The visitor's sockets and streams. A tab has one of them; all of them get the same frames.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use oriel_shared::address::Address;
use oriel_shared::event::{Action, Actor, Event, Outcome};
use oriel_shared::id::{RequestId, UnixMs, VisitorId};
use oriel_shared::wire::visitor::{PING, PONG, ServerFrame};
use serde::{Deserialize, Serialize};
use worker::{Response, State, WebSocket, WebSocketPair, WebSocketRequestResponsePair};

use super::sender::{Sender, close, event, is_open, send};
use crate::http::problem::Problem;
use crate::objects::streams::Streams;
use crate::{clock, events};

/// Sockets of one visitor at the most. Each gets every frame: more than anybody has tabs, and few enough that nobody makes
/// work without end out of a few words.
const SOCKETS_MAX: usize = 100;

/// What the log says of a socket's refused frames; kept with the socket while the object sleeps.
#[derive(Serialize, Deserialize)]
pub struct SocketOrigin {
    /// The request that opened it.
    pub request_id: RequestId,
    /// From where, cut short.
    pub address: Option<Address>,
    /// Whose it is.
    pub visitor: VisitorId,
    /// When it was opened; the oldest makes room.
    pub at: UnixMs,
}

/// Everybody who listens.
pub struct Broadcast {
    state: Rc<State>,
    /// Those who listen without a socket, by their session.
    streams: Streams<String>,
    /// The socket that the last frame came from, and its session.
    last_sender: RefCell<Option<(WebSocket, Rc<str>)>>,
    /// Whether the last refused frame was logged; a flood is one line, not thousands.
    is_refusal_logged: Cell<bool>,
}

impl Broadcast {
    /// Lets the runtime answer pings while the object sleeps.
    pub fn new(state: Rc<State>) -> Self {
        if let Ok(pair) = WebSocketRequestResponsePair::new(PING, PONG) {
            state.set_websocket_auto_response(&pair);
        }
        Self {
            state,
            streams: Streams::default(),
            last_sender: RefCell::default(),
            is_refusal_logged: Cell::new(false),
        }
    }

    /// Accepts a socket of a session, which gets `first` at once.
    pub fn open_socket(
        &self,
        family: &str,
        origin: SocketOrigin,
        first: &ServerFrame,
    ) -> Result<Response, Problem> {
        self.make_room();
        let pair = WebSocketPair::new()?;
        // The session is the tag, so that ending it finds its sockets.
        self.state
            .accept_websocket_with_tags(&pair.server, &[family]);
        pair.server.serialize_attachment(origin)?;
        send(&pair.server, first);
        Ok(Response::from_websocket(pair.client)?)
    }

    /// Closes the oldest socket where there are as many as there may be.
    fn make_room(&self) {
        let mut sockets = self.state.get_websockets();
        // A client that does not complete the closing has no place any more.
        sockets.retain(is_open);
        if sockets.len() < SOCKETS_MAX {
            return;
        }
        let opened_at = |socket: &WebSocket| {
            let origin = socket.deserialize_attachment::<SocketOrigin>();
            origin.ok().flatten().map(|origin| origin.at)
        };
        if let Some(oldest) = sockets.iter().min_by_key(|socket| opened_at(socket)) {
            close(oldest, "too_many_sockets");
        }
    }

    /// Opens a stream of a session, which gets `first` at once.
    pub fn open_stream(&self, family: String, first: &[ServerFrame]) -> Result<Response, Problem> {
        let first = first.iter().map(event).collect();
        Ok(self.streams.open(family, first)?)
    }

    /// The session of a socket. Visitors mostly have one, so that of the last sender is remembered.
    pub fn session_of(&self, socket: &WebSocket) -> Option<Rc<str>> {
        if let Some((last, family)) = &*self.last_sender.borrow()
            && last.as_ref() == socket.as_ref()
        {
            return Some(Rc::clone(family));
        }
        let family: Rc<str> = self.state.get_tags(socket).into_iter().next()?.into();
        self.last_sender
            .replace(Some((socket.clone(), Rc::clone(&family))));
        Some(family)
    }

    /// A socket was closed from the other side. Completing the handshake frees it.
    pub fn on_close(&self, socket: &WebSocket, code: usize) {
        self.last_sender.take();
        // Reserved codes cannot be sent back.
        let code = u16::try_from(code)
            .ok()
            .filter(|code| !matches!(code, 1004..=1006 | 1015))
            .unwrap_or(1000);
        socket.close(Some(code), Some("")).ok();
    }

    /// Sends a frame to every tab.
    pub fn send_all(&self, frame: &ServerFrame) {
        self.send_but(frame, None);
    }

    /// Sends a frame to every tab but the sender's.
    pub fn send_others(&self, frame: &ServerFrame, sender: &Sender<'_>) {
        match sender {
            Sender::Socket(socket) => self.send_but(frame, Some(socket)),
            Sender::Request(_) => self.send_but(frame, None),
        }
    }

    fn send_but(&self, frame: &ServerFrame, but: Option<&WebSocket>) {
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
        self.send_streams(|| vec![event(frame)]);
    }

    /// Sends frames to the streams alone, which cannot ask for what they missed. They are made when there are any.
    pub fn send_streams(&self, events: impl FnOnce() -> Vec<String>) {
        if !self.streams.is_empty() {
            for event in events() {
                self.streams.send(|_| true, &event);
            }
        }
    }

    /// Whether there are any streams.
    pub fn has_streams(&self) -> bool {
        !self.streams.is_empty()
    }

    /// Says to a client that something it sent was refused, and to the log.
    pub fn refuse(&self, sender: &Sender<'_>, problem: Problem, id: Option<String>) {
        let socket = match sender {
            Sender::Request(replies) => {
                // The request is refused with it, and logged as every other.
                replies.refusal.replace(Some(problem));
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
        if let Ok(Some(origin)) = socket.deserialize_attachment::<SocketOrigin>() {
            events::write(&Event {
                at: clock::now().rfc3339(),
                action: Action::SOCKET_FRAME,
                outcome: Outcome::Refused,
                reason: Some(problem.code.into()),
                actor: &Actor::Visitor(origin.visitor),
                address: origin.address,
                request_id: Some(&origin.request_id),
            });
        }
    }

    /// A message was let in: the next refusal is logged again.
    pub fn on_admitted(&self) {
        self.is_refusal_logged.set(false);
    }

    /// Ends every socket and stream.
    pub fn close_all(&self, reason: &str) {
        for socket in &self.state.get_websockets() {
            close(socket, reason);
        }
        self.streams.close(|_| true);
    }

    /// Ends the sockets and streams of one session.
    pub fn close_session(&self, family: &str, reason: &str) {
        for socket in &self.state.get_websockets_with_tag(family) {
            close(socket, reason);
        }
        self.streams.close(|its| its == family);
    }
}
