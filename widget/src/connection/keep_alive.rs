//! Whether a channel that seems open is: asked now and then, and when the visitor comes back to the page.

use oriel_shared::wire::visitor::PING;

use super::{Connection, channel::ChannelKind};
use crate::{browser, dom};

/// How often a channel in use is asked whether it is alive. Boxes on the way forget connections that are silent for a
/// minute.
const PING_EVERY_MS: u32 = 30_000;

/// A socket that has not answered a ping by then is dead.
const PONG_TIMEOUT_MS: u32 = 3_000;

/// A stream that is silent for so long is dead: the edge sends something every 20 seconds.
const SILENCE_MS: u64 = 45_000;

impl Connection {
    /// Checks the channel now and then.
    pub(super) fn keep_alive(self) {
        browser::after(PING_EVERY_MS, move || {
            self.check_alive();
            self.keep_alive();
        });
    }

    /// Finds out whether the current channel is alive, unless nobody can see what comes of it.
    pub(super) fn check_alive(self) {
        if dom::DOCUMENT.is_hidden() || !self.is_online() {
            return;
        }
        let channels = &self.0.channels;
        let (now, serial) = (browser::now(), channels.serial());
        let current = channels.current.borrow();
        let is_silent = match current.as_ref().map(|channel| &channel.kind) {
            Some(ChannelKind::Socket(socket)) => {
                browser::send(socket, PING);
                browser::after(PONG_TIMEOUT_MS, move || {
                    if channels.serial() == serial && self.0.received_at.get() < now {
                        self.lose();
                    }
                });
                false
            }
            Some(ChannelKind::Stream { .. }) => self.0.received_at.get().plus(SILENCE_MS) < now,
            None => false,
        };
        drop(current);
        if is_silent {
            self.lose();
        }
    }
}
