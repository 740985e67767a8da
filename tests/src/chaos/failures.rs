//! Breaks the runtime and D1, each in a thread of its own, until the tabs have sent all their messages.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Chaos;
use super::random::Random;
use crate::database::{Database, TABLES};
use crate::wait::{BACK_WITHIN, Deadline, until};

/// How long D1 works, and how long it then fails; at least and at most.
const THERE_MS: [u64; 2] = [2_000, 8_000];
const AWAY_MS: [u64; 2] = [1_000, 6_000];

impl Chaos<'_> {
    /// Lets time pass. Returns `false` when the tabs have sent all their messages meanwhile.
    fn pass(&self, ms: u64) -> bool {
        let deadline = Deadline::after(Duration::from_millis(ms));
        while !self.is_over.load(Ordering::SeqCst) {
            match deadline.left() {
                Some(left) => std::thread::sleep(left.min(Duration::from_millis(50))),
                None => return true,
            }
        }
        false
    }
}

/// Kills the runtime with SIGKILL, again and again, each time after it has lived for a while. Returns how often.
pub fn kill_the_runtime(chaos: &Chaos<'_>) -> usize {
    let mut random = Random::new(chaos.plan.seed, "kill");
    let client = chaos.edge.client();
    let alive_ms = chaos.plan.alive.as_millis() as u64;
    let mut n_kills = 0;
    while chaos.pass(random.between([alive_ms / 2, alive_ms * 3 / 2])) {
        chaos.edge.kill_runtime();
        n_kills += 1;
        until("the runtime to be back", BACK_WITHIN, || {
            let answer = client.get("/healthz").try_send().ok()?;
            (answer.status == 200).then_some(())
        });
    }
    n_kills
}

/// Makes D1 fail now and then. Returns how often.
pub fn take_d1_away(chaos: &Chaos<'_>) -> usize {
    let mut random = Random::new(chaos.plan.seed, "d1");
    let database = Database::with_table(chaos.edge, "messages");
    let mut n_stretches = 0;
    while chaos.pass(random.between(THERE_MS)) {
        let broken = database.without(&TABLES);
        n_stretches += 1;
        let _however_long_it_lasted = chaos.pass(random.between(AWAY_MS));
        drop(broken);
    }
    n_stretches
}
