//! Waiting is on a condition, with a deadline.
// The clock is banned for what compiles to wasm; this does not.
#![allow(clippy::disallowed_methods)]

use std::time::{Duration, Instant, SystemTime};

/// How long one thing that happens at once on an idle machine may take on a busy one.
pub const SOON: Duration = Duration::from_secs(60);
/// When a change of a site is in force everywhere. The promise is ten seconds; a busy machine has three times that.
pub const IN_FORCE: Duration = Duration::from_secs(30);
/// What somebody who is played does for so long, nobody waits for: a test that did would fail first.
pub const LONGER_THAN_ANYBODY_WAITS: Duration = Duration::from_secs(90);
/// A runtime that was killed is there again by then, with its back-off.
pub const BACK_WITHIN: Duration = Duration::from_secs(120);

/// A point in time after which a wait has failed.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// So far from now.
    pub fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// What is left of it; `None` when it has passed.
    pub fn left(self) -> Option<Duration> {
        self.0
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }
}

/// Measures how long something took.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Seconds since 1970, for the tokens that tests sign.
pub fn unix_secs() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Looks until `look` has seen it, and hands over what it saw.
///
/// # Panics
/// When `within` has passed; the message says `what` was waited for.
#[track_caller]
pub fn until<T>(what: &str, within: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Deadline::after(within);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(deadline.left().is_some(), "waited {within:?} for: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}
