//! The connection to the edge: opened, lost, opened again. What it brings goes into the chat, and what the chat answers
//! goes out.
//!
//! Keeps true: there is one current channel, and only that one is listened to; a socket that is tried beside a stream
//! becomes the current one with its welcome. Nothing that the visitor sends is dropped here: what cannot go out now
//! stays in the chat's outgoing messages and goes out after the next welcome.
//!
//! - [`transport`]: whether a socket or a stream is opened, and when the next attempt is due
//! - [`channel`], [`socket`], [`stream`], [`event_stream`]: the two kinds of channels
//! - [`opening`]: session and channel are opened
//! - [`incoming`]: frames from the edge
//! - [`recovery`]: refusals, rate limits, lost channels
//! - [`outbox`]: requests beside a stream
//! - [`keep_alive`]: whether a channel that seems open is

mod channel;
pub mod event_stream;
mod incoming;
mod keep_alive;
mod opening;
mod outbox;
mod recovery;
pub mod socket;
pub mod stream;
pub mod transport;

use std::cell::{Cell, RefCell};

use oriel_shared::{id::UnixMs, wire::visitor::ClientFrame};

use self::{
    channel::{ChannelKind, Channels},
    transport::TransportChoice,
};
use crate::{
    browser, dom,
    session::Session,
    state::{
        Chat,
        selectors::{self, Delivery},
    },
    store::Store,
    wire_codec::frames,
};

/// A message that is not acknowledged by then went into a channel that is dead without knowing it.
const ACKNOWLEDGE_TIMEOUT_MS: u32 = 10_000;

/// The connection. There is one, for as long as the frame lives.
#[derive(Clone, Copy)]
pub struct Connection(&'static Inner);

struct Inner {
    chat: &'static Store<Chat>,
    session: Session,
    choice: Cell<TransportChoice>,
    channels: Channels,
    /// What goes out as requests, in order, while a stream is the current channel.
    outbox: RefCell<Vec<ClientFrame>>,
    /// Whether one of them is on its way.
    is_posting: Cell<bool>,
    /// Whether a session is being opened right now.
    is_opening: Cell<bool>,
    /// What was begun before the last restart belongs to another visitor.
    n_restarts: Cell<u32>,
    /// The timer of the next attempt.
    next_attempt: Cell<Option<i32>>,
    /// Attempts since the last welcome.
    n_attempts: Cell<u32>,
    /// Requests beside the stream that failed in a row.
    n_failed_posts: Cell<u32>,
    /// When the current channel last brought anything.
    received_at: Cell<UnixMs>,
}

impl Connection {
    /// Connects, and stays connected for as long as the frame lives.
    pub fn open(chat: &'static Store<Chat>, session: Session) -> Self {
        let this = Self(Box::leak(Box::new(Inner {
            chat,
            session,
            choice: Cell::default(),
            channels: Channels::default(),
            outbox: RefCell::default(),
            is_posting: Cell::default(),
            is_opening: Cell::default(),
            n_restarts: Cell::default(),
            next_attempt: Cell::default(),
            n_attempts: Cell::default(),
            n_failed_posts: Cell::default(),
            received_at: Cell::default(),
        })));
        this.attempt();
        this.keep_alive();
        dom::WINDOW.listen("online", move || {
            this.attempt_if_waiting();
            // Perhaps this network lets sockets through.
            this.probe_after(opening::PROBE_SOON_MS);
        });
        // A channel does not notice for minutes that its network has gone.
        dom::WINDOW.listen("offline", move || this.lose());
        // Timers of hidden pages are slowed down, and channels die there unnoticed; a visitor who comes back should not
        // wait.
        dom::DOCUMENT.listen("visibilitychange", move || {
            this.attempt_if_waiting();
            this.check_alive();
        });
        this
    }

    /// Sends a frame, now if that is possible. What must not get lost is among the chat's outgoing messages already.
    pub fn send(self, frame: ClientFrame) {
        let channels = &self.0.channels;
        let current = channels.current.borrow();
        let current = current.as_ref().filter(|_| self.is_online());
        if let ClientFrame::Send { id, .. } = &frame {
            let (id, serial) = (id.clone(), current.map(|channel| channel.serial));
            browser::after(ACKNOWLEDGE_TIMEOUT_MS, move || {
                let is_stuck = self.0.chat.read(|chat| {
                    chat.is_online() && selectors::delivery(chat, &id) == Delivery::Sending
                });
                if is_stuck && channels.serial() == serial {
                    self.lose();
                }
            });
        }
        match (current.map(|channel| &channel.kind), &frame) {
            (Some(ChannelKind::Socket(socket)), frame) => {
                // Fails while the socket is closing; then it is sent again through the next one.
                browser::send(socket, &frames::client_frame(frame));
            }
            // A stream has begun after what the chat had, unless that was of another conversation.
            (Some(ChannelKind::Stream { after: began, .. }), ClientFrame::Resume { after }) => {
                if after < began {
                    browser::after(0, move || self.lose());
                }
            }
            (Some(ChannelKind::Stream { .. }), _) => {
                self.0.outbox.borrow_mut().push(frame);
                if !self.0.is_posting.replace(true) {
                    browser::spawn(self.post());
                }
            }
            (None, _) => {}
        }
    }

    /// Begins anew, as another visitor.
    pub fn restart(self) {
        self.0.n_restarts.set(self.0.n_restarts.get() + 1);
        self.0.channels.current.take();
        self.0.channels.probe.take();
        self.0.outbox.take();
        self.0.session.forget();
        self.0.chat.update(Chat::change_visitor);
        self.attempt();
    }

    /// The session, for requests beside the conversation.
    pub fn session(self) -> Session {
        self.0.session
    }

    fn is_online(self) -> bool {
        self.0.chat.read(Chat::is_online)
    }
}
