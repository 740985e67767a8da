//! Who sent a frame, and how a frame is written to a socket or a stream.

use std::cell::RefCell;

use oriel_shared::wire::visitor::ServerFrame;
use worker::WebSocket;

use crate::http::problem::Problem;
use crate::objects::streams;

/// RFC 6455: policy violation. The client gets a new session and comes back, or learns that it cannot.
const CLOSE_POLICY: u16 = 1008;

/// Who sent a frame, and gets what only they asked for.
pub enum Sender<'s> {
    /// A tab with a socket.
    Socket(&'s WebSocket),
    /// A request, whose answer carries what its sender is to get.
    Request(Replies),
}

/// What the sender of a request gets.
#[derive(Default)]
pub struct Replies {
    /// Frames for them alone.
    pub frames: RefCell<Vec<ServerFrame>>,
    /// Why what they sent was refused.
    pub refusal: RefCell<Option<Problem>>,
}

impl Sender<'_> {
    /// Sends a frame to the sender alone.
    pub fn reply(&self, frame: ServerFrame) {
        match self {
            Self::Socket(socket) => send(socket, &frame),
            Self::Request(replies) => replies.frames.borrow_mut().push(frame),
        }
    }
}

/// Sends a frame. A socket that cannot be written to is closing; its client will resume.
pub fn send(socket: &WebSocket, frame: &ServerFrame) {
    if let Ok(text) = serde_json::to_string(frame) {
        socket.send_with_str(text).ok();
    }
}

/// Whether a socket can be written to.
pub fn is_open(socket: &WebSocket) -> bool {
    /// Source: HTML, `WebSocket.OPEN`.
    const OPEN: u16 = 1;
    socket.as_ref().ready_state() == OPEN
}

/// Ends a socket.
pub fn close(socket: &WebSocket, reason: &str) {
    socket.close(Some(CLOSE_POLICY), Some(reason)).ok();
}

/// A frame as a stream carries it. A message is a place to come back to.
pub fn event(frame: &ServerFrame) -> String {
    let id = match frame {
        ServerFrame::Message(message) => Some(message.seq.0.into()),
        _ => None,
    };
    streams::event(id, &serde_json::to_string(frame).unwrap_or_default())
}
