//! How much a visitor may say. Exact, and kept where the messages are: the arrival times that decide stand in the row
//! of the last message that was let in, so a message is still one write, and a refusal is none.

use std::cell::Cell;

use oriel_shared::id::UnixMs;
use oriel_shared::rate::{Limited, Quota, UnixUs};
use oriel_shared::wire::admin::Limits;
use serde::Deserialize;

/// What the last message left behind: one arrival time for each limit.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Arrivals {
    /// Of the limit by the minute.
    pub minute: UnixUs,
    /// Of the limit by the day.
    pub day: UnixUs,
}

impl Arrivals {
    /// Lets one more message in, or not.
    pub fn admit(self, limits: &Limits, now: UnixMs) -> Result<Self, Limited> {
        let minute =
            Quota::per_minute("messages", limits.messages_per_minute, limits.message_burst);
        let day = Quota::per_day("messages-day", limits.messages_per_day);
        Ok(Self {
            minute: minute.admit(self.minute, now)?,
            day: day.admit(self.day, now)?,
        })
    }
}

/// Frames of any kind that an instance reads from one visitor: a bound on work, not on words. A widget sends a few at
/// once when it comes back, and then one now and then.
const FRAMES_AT_ONCE: u32 = 100;
/// The same, a minute.
const FRAMES_PER_MINUTE: u32 = 1_200;

/// Changes from one conversation to another: each moves whole logs. More than anybody reads.
const CHANGES_AT_ONCE: u32 = 10;
/// The same, a minute.
const CHANGES_PER_MINUTE: u32 = 30;

/// Counts frames, in memory alone.
#[derive(Default)]
pub struct FrameCount {
    arrival: Cell<UnixUs>,
    change_arrival: Cell<UnixUs>,
    limits: Cell<Limits>,
}

impl FrameCount {
    /// Takes over the limits on messages: whoever may say more may send more.
    pub fn learn(&self, limits: Limits) {
        self.limits.set(limits);
    }

    /// Lets one more change from one conversation to another happen, or not.
    pub fn admit_change(&self, now: UnixMs) -> Result<(), Limited> {
        let quota = Quota::per_minute("conversations", CHANGES_PER_MINUTE, CHANGES_AT_ONCE);
        quota
            .admit(self.change_arrival.get(), now)
            .map(|next| self.change_arrival.set(next))
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
