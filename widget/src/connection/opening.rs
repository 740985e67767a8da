//! Opens a session, then a channel with its token, and tries a socket beside a stream now and then.

use super::{
    Connection,
    channel::{Channel, ChannelKind},
    socket, stream,
    transport::Transport,
};
use crate::browser;

/// A socket that has not been welcomed by then may never be: a stream is opened beside it.
const SOCKET_PATIENCE_MS: u32 = 5_000;

/// A channel that has not been welcomed by then is given up: some networks swallow the upgrade without a word.
const WELCOME_TIMEOUT_MS: u32 = 15_000;

/// How often a socket is tried beside a stream.
pub const PROBE_MS: u32 = 5 * 60_000;

/// How soon it is tried once the network has changed: not before the stream is there again.
pub const PROBE_SOON_MS: u32 = 5_000;

impl Connection {
    /// Opens session and channel, unless that is going on already.
    pub(super) fn attempt(self) {
        if let Some(timer) = self.0.next_attempt.take() {
            browser::cancel(timer);
        }
        if self.0.channels.serial().is_some() || self.0.is_opening.replace(true) {
            return;
        }
        let n_restarts = self.0.n_restarts.get();
        browser::spawn(async move {
            let access = self.0.session.access().await;
            self.0.is_opening.set(false);
            if self.0.n_restarts.get() != n_restarts {
                self.0.session.forget();
                return self.attempt();
            }
            let is_ephemeral = self.0.session.is_ephemeral();
            if self.0.chat.read(|chat| chat.is_ephemeral) != is_ephemeral {
                self.0.chat.update(|chat| chat.is_ephemeral = is_ephemeral);
            }
            match access {
                Ok(token) => {
                    self.0.n_attempts.set(self.0.n_attempts.get() + 1);
                    match self.0.choice.get().transport() {
                        Transport::Socket => self.open_socket(&token),
                        Transport::Stream => self.open_stream(token),
                    }
                }
                Err(error) => {
                    self.0.choice.set(self.0.choice.get().edge_is_away());
                    self.on_session_error(error);
                }
            }
        });
    }

    pub(super) fn attempt_if_waiting(self) {
        if self.0.next_attempt.get().is_some() {
            self.attempt();
        }
    }

    fn open_socket(self, token: &str) {
        let Some(socket) = self.new_socket(token) else {
            return self.lose();
        };
        let channels = &self.0.channels;
        let (serial, token) = (socket.serial, token.to_owned());
        channels.current.replace(Some(socket));
        browser::after(SOCKET_PATIENCE_MS, move || {
            if channels.is_current(serial) && !channels.is_welcomed() {
                self.0.choice.set(self.0.choice.get().socket_hangs());
                let socket = channels.current.take();
                channels.probe.replace(socket);
                self.open_stream(token);
            }
        });
    }

    /// Opens a socket that is not the current channel yet.
    fn new_socket(self, token: &str) -> Option<Channel> {
        let serial = self.new_serial();
        let socket = socket::open(
            token,
            move |text| self.receive(serial, text),
            move || self.on_end(serial),
        )?;
        Some(Channel::new(serial, ChannelKind::Socket(socket)))
    }

    fn open_stream(self, token: String) {
        let (serial, abort) = (self.new_serial(), browser::aborter());
        let ends = abort.clone();
        let after = self.0.chat.read(|chat| chat.log.last_unbroken());
        let channel = Channel::new(serial, ChannelKind::Stream { abort, after });
        self.0.channels.current.replace(Some(channel));
        browser::spawn(async move {
            let receive = move |text: &str| self.receive(serial, text);
            match stream::listen(&token, after, &ends, receive).await {
                Some(response) if self.0.channels.is_current(serial) => self.on_refused(response),
                _ => self.on_end(serial),
            }
        });
    }

    /// Names a new channel, and ends it when its welcome does not come.
    fn new_serial(self) -> u32 {
        let channels = &self.0.channels;
        let serial = channels.new_serial();
        browser::after(WELCOME_TIMEOUT_MS, move || {
            if !channels.is_current(serial) || !channels.is_welcomed() {
                self.on_end(serial);
            }
        });
        serial
    }

    /// Tries a socket after a while, if the current channel is a stream then.
    pub(super) fn probe_after(self, ms: u32) {
        let channels = &self.0.channels;
        let serial = channels.serial();
        browser::after(ms, move || {
            // A probe that waits longer than its stream lives is replaced by the one of the next stream.
            let is_due = ms == PROBE_SOON_MS || channels.serial() == serial;
            if !is_due || !channels.is_streaming() || channels.probe.borrow().is_some() {
                return;
            }
            if ms == PROBE_MS {
                self.probe_after(ms);
            }
            browser::spawn(async move {
                if let Ok(token) = self.0.session.access().await {
                    let socket = self.new_socket(&token);
                    channels.probe.replace(socket);
                }
            });
        });
    }
}
