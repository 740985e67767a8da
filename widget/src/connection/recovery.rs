//! What becomes of refusals, rate limits and lost channels: the next attempt, or the end.

use super::{Connection, channel::ChannelKind, transport::backoff_ms};
use crate::{
    browser::{self, Response},
    session::SessionError,
    state::{Chat, ConnectionState},
};

impl Connection {
    /// A channel is over, for whatever reason.
    pub(super) fn on_end(self, serial: u32) {
        if self.0.channels.is_current(serial) {
            self.lose();
        } else if self.0.channels.is_probe(serial) {
            self.0.channels.probe.take();
            self.0.choice.set(self.0.choice.get().socket_fails());
        }
    }

    /// The stream was refused.
    pub(super) fn on_refused(self, response: Response) {
        if response.status == 401 {
            self.0.session.doubt_token();
            return self.lose();
        }
        match SessionError::from(Some(response)) {
            SessionError::Temporary => self.lose(),
            error => {
                self.0.channels.current.take();
                self.on_session_error(error);
            }
        }
    }

    pub(super) fn on_session_error(self, error: SessionError) {
        let connection = match error {
            SessionError::Temporary => return self.lose(),
            SessionError::RateLimited { wait_s } => ConnectionState::RateLimited {
                until: browser::now().plus(u64::from(wait_s) * 1000),
            },
            SessionError::Unavailable(reason) => ConnectionState::Unavailable(reason),
        };
        self.0.chat.update(|chat| chat.connection = connection);
        self.count_down();
    }

    /// The current channel is gone, or there was none to be had: the next attempt comes by itself, later each time.
    pub(super) fn lose(self) {
        if self.0.chat.read(Chat::is_unavailable) {
            return;
        }
        match self.0.channels.current.take() {
            Some(channel) if !channel.is_welcomed => {
                let choice = self.0.choice.get();
                self.0.choice.set(match channel.kind {
                    ChannelKind::Socket(_) => {
                        // Perhaps the edge refused the token, and a browser does not tell.
                        self.0.session.doubt_token();
                        choice.socket_fails()
                    }
                    ChannelKind::Stream { .. } => choice.stream_fails(),
                });
            }
            Some(_) => {}
            None => self.0.n_attempts.set(self.0.n_attempts.get() + 1),
        }
        self.0.outbox.take();
        self.0.chat.update(Chat::on_disconnect);
        if let Some(timer) = self.0.next_attempt.take() {
            browser::cancel(timer);
        }
        let n_failed = self.0.n_attempts.get().max(self.0.n_failed_posts.get());
        let wait_ms = backoff_ms(n_failed, browser::random());
        let timer = browser::after(wait_ms, move || {
            self.0.next_attempt.set(None);
            self.attempt();
        });
        self.0.next_attempt.set(Some(timer));
    }

    /// Moves the chat's clock until a rate limit is over, then goes on.
    pub(super) fn count_down(self) {
        let connection = self.0.chat.read(|chat| chat.connection);
        let ConnectionState::RateLimited { until } = connection else {
            return;
        };
        let now = browser::now();
        self.0.chat.update(|chat| chat.clock = now);
        if now < until {
            browser::after(1000, move || self.count_down());
        } else if self.0.channels.serial().is_some() {
            for frame in self.0.chat.update(Chat::on_limit_over) {
                self.send(frame);
            }
        } else {
            self.attempt();
        }
    }
}
