//! Limits as GCRA, the generic cell rate algorithm: `burst` at once, then one in every interval, exactly.
//!
//! In scope: deciding, by one number that the caller keeps (the theoretical arrival time). Out of scope: clocks and
//! storage. A refusal changes nothing, so nothing has to be written for it, and a flood does not prolong itself.
//! Source: ITU-T I.371, annex A, virtual scheduling.

use crate::id::UnixMs;

/// Microseconds since 1970: fine enough for every limit of ours, and still a whole number to JavaScript until 2255.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct UnixUs(pub u64);

impl From<UnixMs> for UnixUs {
    fn from(UnixMs(ms): UnixMs) -> Self {
        Self(ms.saturating_mul(1_000))
    }
}

/// A limit: `burst` at once, then `count` in every `window_secs`, evenly spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Name in the `RateLimit` fields.
    pub name: &'static str,
    /// How many at once.
    pub burst: u32,
    /// How many in a window.
    pub count: u32,
    /// The window, seconds.
    pub window_secs: u32,
}

/// What was decided: the arrival time to keep, or how long to wait.
pub type Decision = Result<UnixUs, Limited>;

/// Too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Which limit said no.
    pub quota: Quota,
    /// Until one more is let in.
    pub wait_us: u64,
}

impl Quota {
    /// Makes a limit of `count` a minute, `burst` at once.
    pub const fn per_minute(name: &'static str, count: u32, burst: u32) -> Self {
        Self {
            name,
            burst,
            count,
            window_secs: 60,
        }
    }

    /// Makes a limit of `count` a day, all at once if need be.
    pub const fn per_day(name: &'static str, count: u32) -> Self {
        Self {
            name,
            burst: count,
            count,
            window_secs: 86_400,
        }
    }

    /// Returns the time from one to the next. Rounded up: a limit is never exceeded.
    const fn interval_us(&self) -> u64 {
        let count = if self.count == 0 { 1 } else { self.count };
        (self.window_secs as u64 * 1_000_000).div_ceil(count as u64)
    }

    /// Lets one in at `now`, given the arrival time that the last one left behind (zero before the first).
    ///
    /// # Errors
    /// [`Limited`] with the time to wait. Then the arrival time stays as it was.
    pub fn admit(&self, kept: UnixUs, now: UnixMs) -> Decision {
        self.admit_many(1, kept, now)
    }

    /// Lets `n` in together, or none of them. More than the burst are never let in, however long they wait.
    ///
    /// # Errors
    /// As [`Quota::admit`].
    pub fn admit_many(&self, n: u32, kept: UnixUs, now: UnixMs) -> Decision {
        let now = UnixUs::from(now).0;
        let interval = self.interval_us();
        let tolerance = interval.saturating_mul(self.burst.max(1).into());
        // A clock that went back, or a limit that was raised, must not lock anybody out for longer than the limit says.
        let kept = kept.0.min(now.saturating_add(tolerance));
        let next = kept
            .max(now)
            .saturating_add(interval.saturating_mul(n.into()));
        let allowed_at = next.saturating_sub(tolerance);
        if now < allowed_at {
            return Err(Limited {
                quota: *self,
                wait_us: allowed_at - now,
            });
        }
        Ok(UnixUs(next))
    }

    /// Corrects the arrival time when not `counted` but `n` came.
    #[must_use]
    pub fn correct(&self, kept: UnixUs, counted: u32, n: u32) -> UnixUs {
        let interval = self.interval_us();
        let (less, more) = (counted.saturating_sub(n), n.saturating_sub(counted));
        let kept = kept.0.saturating_sub(interval.saturating_mul(less.into()));
        UnixUs(kept.saturating_add(interval.saturating_mul(more.into())))
    }

    /// Returns the `RateLimit-Policy` field. Source: draft-ietf-httpapi-ratelimit-headers-10.
    pub fn policy(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.count, self.window_secs)
    }
}

impl Limited {
    /// Returns whole seconds to wait, at least one: the `Retry-After` field.
    pub fn retry_after_secs(&self) -> u32 {
        u32::try_from(self.wait_us.div_ceil(1_000_000).max(1)).unwrap_or(u32::MAX)
    }

    /// Returns the `RateLimit` field: nothing remains until then.
    pub fn state(&self) -> String {
        format!("\"{}\";r=0;t={}", self.quota.name, self.retry_after_secs())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: UnixMs = UnixMs(1_795_314_763_042);

    /// How many of `n` arrivals at these times are let in.
    fn admitted(quota: &Quota, times: impl IntoIterator<Item = UnixMs>) -> usize {
        let mut kept = UnixUs::default();
        times
            .into_iter()
            .filter(|&now| match quota.admit(kept, now) {
                Ok(next) => {
                    kept = next;
                    true
                }
                Err(_) => false,
            })
            .count()
    }

    #[test]
    fn a_burst_is_let_in_and_then_one_an_interval() {
        let quota = Quota::per_minute("messages", 60, 5);
        assert_eq!(admitted(&quota, [NOW; 50]), 5);
        // Fifty a second for ten seconds: the burst and one a second.
        let flood = (0..500).map(|n| NOW.plus(n * 20));
        assert_eq!(admitted(&quota, flood), 5 + 9);
    }

    #[test]
    fn who_is_refused_learns_when_to_come_back_and_is_let_in_then() {
        let quota = Quota::per_minute("messages", 7, 2);
        let mut kept = UnixUs::default();
        for _ in 0..2 {
            kept = quota.admit(kept, NOW).expect("within the burst");
        }
        let limited = quota.admit(kept, NOW).expect_err("over the burst");
        // 60 s / 7 = 8.571 428… s
        assert_eq!(limited.wait_us, 8_571_429);
        assert_eq!(limited.retry_after_secs(), 9);
        assert_eq!(limited.state(), "\"messages\";r=0;t=9");
        assert_eq!(quota.policy(), "\"messages\";q=7;w=60");
        assert!(quota.admit(kept, NOW.plus(8_571)).is_err());
        assert!(quota.admit(kept, NOW.plus(8_572)).is_ok());
    }

    #[test]
    fn many_are_let_in_together_or_not_at_all_and_what_did_not_come_is_given_back() {
        let quota = Quota::per_minute("tokens", 60, 60);
        let kept = quota
            .admit_many(50, UnixUs::default(), NOW)
            .expect("within the burst");
        assert!(quota.admit_many(11, kept, NOW).is_err());
        assert!(quota.admit_many(10, kept, NOW).is_ok());
        assert!(quota.admit_many(61, UnixUs::default(), NOW).is_err());
        let corrected = quota.correct(kept, 50, 20);
        assert!(quota.admit_many(40, corrected, NOW).is_ok());
        assert!(quota.admit_many(41, corrected, NOW).is_err());
        assert_eq!(quota.correct(corrected, 20, 50), kept);
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out() {
        let quota = Quota::per_minute("messages", 60, 5);
        let kept = quota
            .admit(UnixUs::default(), NOW.plus(86_400_000))
            .expect("the first");
        let limited = quota.admit(kept, NOW).expect_err("full");
        assert_eq!(limited.retry_after_secs(), 1);
    }

    proptest! {
        #[test]
        fn no_window_lets_in_more_than_its_count_and_the_burst(
            count in 1_u32..200, burst in 1_u32..50, gaps in prop::collection::vec(0_u64..3_000, 1..400),
        ) {
            let quota = Quota::per_minute("any", count, burst);
            let mut now = NOW;
            let mut kept = UnixUs::default();
            let mut let_in = Vec::new();
            for gap in gaps {
                now = now.plus(gap);
                if let Ok(next) = quota.admit(kept, now) {
                    kept = next;
                    let_in.push(now.0);
                }
            }
            for (at, start) in let_in.iter().enumerate() {
                let n_within = let_in[at..].iter().take_while(|&&time| time < start + 60_000).count();
                prop_assert!(n_within <= (count + burst) as usize);
            }
        }

        #[test]
        fn waiting_as_told_is_always_enough_and_never_too_long(
            count in 1_u32..100_000, burst in 1_u32..1_000, ahead in 0_u64..10_000_000_000,
        ) {
            let quota = Quota::per_minute("any", count, burst);
            let kept = UnixUs(UnixUs::from(NOW).0 + ahead);
            if let Err(limited) = quota.admit(kept, NOW) {
                let then = NOW.plus(limited.wait_us.div_ceil(1_000));
                prop_assert!(quota.admit(kept.min(UnixUs(UnixUs::from(NOW).0 + quota.interval_us() * u64::from(burst))), then).is_ok());
                prop_assert!(limited.wait_us <= quota.interval_us());
            }
        }
    }
}
