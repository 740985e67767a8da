//! When an object writes to D1: soon, but many messages in one batch, and those who came together not together.

use std::cell::Cell;

use oriel_shared::id::UnixMs;

/// Long enough to catch a question and its answer in one batch, short enough that the team sees it at once.
const DELAY_MS: u64 = 300;
/// While batch follows batch: each costs several writes, whatever it holds. Within the two seconds in which a message has
/// to be found.
const BUSY_DELAY_MS: u64 = 1_500;
/// A visitor who writes without a pause is waited for, so that many messages are one batch; up to this long, by chance as
/// little as half of it: those who began together would hold up everybody by writing theirs together.
const FLOOD_MS: u64 = 5_000;
/// Without a message for so long, they have paused. With the wait below, still within the two seconds.
const PAUSE_MS: u64 = 300;
/// Between two looks whether they have paused.
const LOOK_MS: u64 = 1_300;
/// Waits between attempts double up to this while D1 does not answer.
const MAX_DELAY_MS: u64 = 60_000;

/// What this instance knows of its writing to D1.
#[derive(Default)]
pub struct Pace {
    /// When a visitor's message was stored last.
    message_at: Cell<UnixMs>,
    /// When a batch was written last.
    batch_at: Cell<UnixMs>,
    /// When a visitor who writes without a pause is not waited for any longer.
    due_at: Cell<UnixMs>,
    /// Failed attempts since the last good one.
    n_failed: Cell<u32>,
}

impl Pace {
    /// A visitor's message was stored.
    pub fn on_message(&self, now: UnixMs) {
        self.message_at.set(now);
    }

    /// There is something to write. Returns how long to wait with it.
    pub fn first_delay_ms(&self, now: UnixMs, [delay, due]: [u8; 2]) -> u64 {
        self.due_at.set(now.plus(spread(FLOOD_MS, due)));
        let is_busy = now.0 < self.batch_at.get().0 + 2 * BUSY_DELAY_MS;
        if is_busy {
            spread(BUSY_DELAY_MS, delay)
        } else {
            DELAY_MS
        }
    }

    /// How long to wait still, where more is coming right now and D1 is not far behind.
    pub fn pause_delay_ms(&self, now: UnixMs, [random]: [u8; 1]) -> Option<u64> {
        let is_writing = now.0 < self.message_at.get().0 + PAUSE_MS && now < self.due_at.get();
        is_writing.then(|| spread(LOOK_MS, random))
    }

    /// A batch was written.
    pub fn on_batch(&self, now: UnixMs) {
        self.batch_at.set(now);
    }

    /// All was written.
    pub fn on_success(&self) {
        self.n_failed.set(0);
    }

    /// D1 did not answer. Returns how long to wait for the next attempt.
    pub fn retry_delay_ms(&self) -> u64 {
        let n_failed = self.n_failed.get() + 1;
        self.n_failed.set(n_failed);
        (1_000 << n_failed.min(6)).min(MAX_DELAY_MS)
    }
}

/// Up to a half less, by chance, so that visitors who came together do not write together.
fn spread(delay_ms: u64, random: u8) -> u64 {
    delay_ms - u64::from(random) * delay_ms / 512
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_000_000);

    #[test]
    fn a_first_batch_goes_at_once_and_the_next_ones_wait_for_each_other() {
        let pace = Pace::default();
        assert_eq!(pace.first_delay_ms(NOW, [255, 255]), DELAY_MS);
        pace.on_batch(NOW);
        assert_eq!(pace.first_delay_ms(NOW.plus(1), [0, 0]), BUSY_DELAY_MS);
        let later = NOW.plus(2 * BUSY_DELAY_MS);
        assert_eq!(pace.first_delay_ms(later, [0, 0]), DELAY_MS);
    }

    #[test]
    fn whoever_writes_without_a_pause_is_waited_for_and_not_for_ever() {
        let pace = Pace::default();
        pace.first_delay_ms(NOW, [0, 0]);
        pace.on_message(NOW);
        assert_eq!(pace.pause_delay_ms(NOW, [0]), Some(LOOK_MS));
        assert_eq!(pace.pause_delay_ms(NOW.plus(PAUSE_MS), [0]), None);
        let due = NOW.plus(FLOOD_MS);
        pace.on_message(due);
        assert_eq!(pace.pause_delay_ms(due, [0]), None);
    }

    #[test]
    fn waits_double_up_to_a_minute_until_an_attempt_is_good() {
        let pace = Pace::default();
        let waits: Vec<u64> = (0..8).map(|_| pace.retry_delay_ms()).collect();
        assert_eq!(waits.first(), Some(&2_000));
        assert_eq!(waits.last(), Some(&MAX_DELAY_MS));
        pace.on_success();
        assert_eq!(pace.retry_delay_ms(), 2_000);
    }

    #[test]
    fn chance_takes_up_to_a_half() {
        assert_eq!(spread(1_024, 0), 1_024);
        assert!((512..520).contains(&spread(1_024, 255)));
    }
}
