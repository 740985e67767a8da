//! Whether a line that should be alive is: asked now and then, and when somebody comes back to the page.

use oriel_shared::wire::visitor::PING;

use super::{Connection, Way};
use crate::{browser, dom};

/// How often a line in use is asked whether it is alive. Boxes on the way forget lines that are silent for a minute.
const BEAT_MS: u32 = 30_000;

/// A socket that has not answered a ping by then is dead.
const PONG_TIMEOUT_MS: u32 = 3_000;

/// A stream that is silent for so long is dead: the edge says something every 20 seconds.
const SILENCE_MS: u64 = 45_000;

impl Connection {
    /// Looks after the line now and then, while somebody can see what comes of it.
    pub(super) fn beat(self) {
        browser::after(BEAT_MS, move || {
            self.check_alive();
            self.beat();
        });
    }

    /// Finds out whether a line that should be alive is.
    pub(super) fn check_alive(self) {
        if dom::DOCUMENT.is_hidden() || !self.is_online() {
            return;
        }
        let (now, serial) = (browser::now(), self.serial());
        let is_silent = match self.0.line.borrow().as_ref().map(|line| &line.way) {
            Some(Way::Socket(socket)) => {
                browser::send(socket, PING);
                browser::after(PONG_TIMEOUT_MS, move || {
                    if self.serial() == serial && self.0.heard_at.get() < now {
                        self.lose();
                    }
                });
                false
            }
            Some(Way::Stream { .. }) => self.0.heard_at.get().plus(SILENCE_MS) < now,
            None => false,
        };
        if is_silent {
            self.lose();
        }
    }
}
