//! Frames from the edge go into the chat, and what the chat answers goes out.

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::visitor::ServerFrame,
};

use super::{
    Connection,
    channel::{Channel, ChannelKind},
    opening::PROBE_MS,
};
use crate::{browser, state::ConnectionState, wire_codec::frames};

impl Connection {
    /// One frame came, as text; or an empty text, which is a sign of life.
    pub(super) fn receive(self, serial: u32, text: &str) {
        let channels = &self.0.channels;
        let is_probe = channels.is_probe(serial);
        if !is_probe && !channels.is_current(serial) {
            return;
        }
        let now = browser::now();
        self.0.received_at.set(now);
        let Some(frame) = frames::server_frame(&browser::parse(text)) else {
            return;
        };
        if is_probe {
            channels.promote_probe();
        }
        if matches!(frame, ServerFrame::Welcome { .. }) {
            self.on_welcome();
        }
        let is_typing = matches!(frame, ServerFrame::Typing { .. });
        self.take_in(frame, now);
        if is_typing {
            self.end_typing_in_time();
        }
    }

    /// Brings a frame into the chat, and sends what the chat answers.
    pub(super) fn take_in(self, frame: ServerFrame, now: UnixMs) {
        let is_limited = || {
            let connection = self.0.chat.read(|chat| chat.connection);
            matches!(connection, ConnectionState::RateLimited { .. })
        };
        let was_limited = is_limited();
        let answers = self.0.chat.update(|chat| chat.receive(frame, now));
        for answer in answers {
            self.send(answer);
        }
        if is_limited() && !was_limited {
            self.count_down();
        }
    }

    fn on_welcome(self) {
        let is_socket = {
            let mut current = self.0.channels.current.borrow_mut();
            let Some(Channel {
                kind, is_welcomed, ..
            }) = current.as_mut()
            else {
                return;
            };
            // When it is welcomed again, a stream tells all of the conversation that is the current one now.
            if *is_welcomed && let ChannelKind::Stream { after, .. } = kind {
                *after = Seq(0);
            }
            *is_welcomed = true;
            matches!(kind, ChannelKind::Socket(_))
        };
        self.0.n_attempts.set(0);
        if is_socket {
            self.0.choice.set(self.0.choice.get().socket_works());
        } else {
            self.probe_after(PROBE_MS);
        }
    }

    /// Ends the typing of somebody who sends neither a message nor another typing frame.
    fn end_typing_in_time(self) {
        let chat = self.0.chat;
        let left_ms = || chat.read(|chat| chat.presence.typing_left_ms(browser::now()));
        if let Some(ms) = left_ms() {
            browser::after(ms as u32, move || {
                if left_ms() == Some(0) {
                    chat.update(|chat| chat.presence.end_typing());
                }
            });
        }
    }
}
