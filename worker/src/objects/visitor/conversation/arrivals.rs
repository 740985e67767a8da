//! When messages arrived, as far as the limits on them ask: it stands in the row of the last message that was let in.

use oriel_shared::id::UnixMs;
use oriel_shared::rate::{Limited, Quota, UnixUs};
use oriel_shared::wire::admin::Limits;
use serde::Deserialize;

/// What the last message left behind: one arrival time for each limit.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Arrivals {
    /// The arrival time for the limit of a minute.
    pub minute: UnixUs,
    /// The arrival time for the limit of a day.
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_000_000_000);

    #[test]
    fn a_message_over_either_limit_is_refused_and_changes_neither() {
        let limits = Limits {
            messages_per_minute: 60,
            message_burst: 2,
            messages_per_day: 3,
            ..Limits::DEFAULT
        };
        let first = Arrivals::default().admit(&limits, NOW).expect("the first");
        let second = first.admit(&limits, NOW).expect("the burst");
        let refused = second.admit(&limits, NOW).expect_err("the burst is spent");
        assert_eq!(refused.quota.name, "messages");
        let later = NOW.plus(60_000);
        let third = second.admit(&limits, later).expect("after a while");
        let refused = third.admit(&limits, later.plus(60_000));
        assert_eq!(refused.expect_err("the day's").quota.name, "messages-day");
    }
}
