//! How much a visitor may say. Exact, and kept where the messages are: the arrival times that decide stand in the row
//! of the last message that was let in, so a message is still one write, and a refusal is none.

use std::cell::Cell;
use std::rc::Rc;

use oriel_shared::id::UnixMs;
use oriel_shared::rate::{Limited, Quota, UnixUs};
use oriel_shared::wire::admin::Limits;
use oriel_shared::wire::visitor::ServerFrame;

use super::broadcast::Broadcast;
use super::conversation::{Arrivals, Conversation};
use super::sender::Sender;
use crate::clock;
use crate::http::problem::Problem;

/// The limits on what a visitor says.
pub struct MessageLimits {
    conversation: Rc<Conversation>,
    broadcast: Rc<Broadcast>,
}

impl MessageLimits {
    /// Limits what is said in a conversation.
    pub fn new(conversation: Rc<Conversation>, broadcast: Rc<Broadcast>) -> Self {
        Self {
            conversation,
            broadcast,
        }
    }

    /// Lets the visitor say one more thing, `id` where it is a message, or tells the sender to wait.
    pub fn admit(
        &self,
        sender: &Sender<'_>,
        limits: &Limits,
        id: Option<&str>,
    ) -> Result<Option<Arrivals>, Problem> {
        let tail = self.conversation.tail()?;
        let arrivals = tail.map(|tail| tail.arrivals).unwrap_or_default();
        match arrivals.admit(limits, clock::now()) {
            Ok(arrivals) => {
                self.broadcast.on_admitted();
                Ok(Some(arrivals))
            }
            Err(limited) => {
                // Sent again after a lost connection, it was let in before.
                let known = id.map(|id| self.conversation.find(id)).transpose()?;
                match known.flatten() {
                    Some(message) => sender.reply(ServerFrame::Message(message)),
                    None => {
                        let problem = Problem::limited(&limited);
                        self.broadcast
                            .refuse(sender, problem, id.map(str::to_owned));
                    }
                }
                Ok(None)
            }
        }
    }
}

/// Frames of any kind that an instance reads from one visitor: a bound on work, not on words. A widget sends a few at
/// once when it comes back, and then one now and then.
const FRAMES_AT_ONCE: u32 = 100;
const FRAMES_PER_MINUTE: u32 = 1_200;

/// Switches from one conversation to another: each moves whole logs. More than anybody reads.
const SWITCHES_AT_ONCE: u32 = 10;
const SWITCHES_PER_MINUTE: u32 = 30;

/// Counts frames, in memory alone.
#[derive(Default)]
pub struct FrameLimits {
    arrival: Cell<UnixUs>,
    switch_arrival: Cell<UnixUs>,
    limits: Cell<Limits>,
}

impl FrameLimits {
    /// Takes over the limits on messages: whoever may say more may send more.
    pub fn set(&self, limits: Limits) {
        self.limits.set(limits);
    }

    /// Lets one more switch to another conversation happen, or not.
    pub fn admit_switch(&self, now: UnixMs) -> Result<(), Limited> {
        let quota = Quota::per_minute("conversations", SWITCHES_PER_MINUTE, SWITCHES_AT_ONCE);
        quota
            .admit(self.switch_arrival.get(), now)
            .map(|next| self.switch_arrival.set(next))
    }

    /// Lets one more frame in, or not.
    pub fn admit(&self, now: UnixMs) -> Result<(), Limited> {
        let limits = self.limits.get();
        let quota = Quota::per_minute(
            "frames",
            FRAMES_PER_MINUTE.max(limits.messages_per_minute.saturating_mul(2)),
            FRAMES_AT_ONCE.max(limits.message_burst.saturating_mul(2)),
        );
        quota
            .admit(self.arrival.get(), now)
            .map(|next| self.arrival.set(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_000_000_000);

    #[test]
    fn whoever_may_say_more_may_send_more_frames() {
        let count = |limits: Option<Limits>| {
            let frames = FrameLimits::default();
            if let Some(limits) = limits {
                frames.set(limits);
            }
            (0..1_000).take_while(|_| frames.admit(NOW).is_ok()).count()
        };
        let generous = Limits {
            message_burst: 200,
            ..Limits::DEFAULT
        };
        assert_eq!(count(None), FRAMES_AT_ONCE as usize);
        assert_eq!(count(Some(generous)), 400);
    }
}
