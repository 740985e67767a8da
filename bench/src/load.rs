//! A closed loop: so many at once, each doing the job again as soon as it is done, until the time is over.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use xtask::clock;
use xtask::command;

/// What came of it.
#[derive(Clone, Default)]
pub struct Measured {
    /// Jobs done well, a second.
    pub rate: f64,
    /// How long each of them took, in milliseconds, shortest first.
    latencies: Vec<f64>,
    /// How many jobs failed, by their error.
    pub failures: BTreeMap<String, usize>,
    /// Milliseconds of processor time that the runtime took for one, where that is known.
    pub cpu_ms: Option<f64>,
}

impl Measured {
    /// The time within which this part of the jobs was done.
    pub fn percentile(&self, part: f64) -> f64 {
        let at = (self.latencies.len() as f64 * part) as usize;
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get(at.min(last)).copied().unwrap_or(0.0)
    }

    /// How many jobs were done.
    pub fn n_done(&self) -> usize {
        self.latencies.len()
    }

    /// Several rounds as one: rate and processor time are the medians of theirs.
    pub fn merged(rounds: Vec<Self>) -> Self {
        let rates: Vec<f64> = rounds.iter().map(|round| round.rate).collect();
        let cpu_ms: Vec<f64> = rounds.iter().filter_map(|round| round.cpu_ms).collect();
        let mut all = Self {
            rate: Spread::of(&rates).median,
            cpu_ms: (!cpu_ms.is_empty()).then(|| Spread::of(&cpu_ms).median),
            ..Self::default()
        };
        for round in rounds {
            all.latencies.extend(round.latencies);
            for (what, n) in round.failures {
                *all.failures.entry(what).or_default() += n;
            }
        }
        all.latencies.sort_by(f64::total_cmp);
        all
    }
}

/// The middle of some numbers, and their ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    /// Of at least one number.
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        Self {
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            min: at(0),
            max: at(last),
        }
    }
}

/// Runs a job in as many closed loops at once as something was kept for: each loop has its own, a connection for one.
pub fn run<K: Send>(
    length: Duration,
    kept: &mut [K],
    job: impl Fn(&mut K) -> Result<(), String> + Sync,
) -> Measured {
    let began = clock::now();
    let one = |kept: &mut K| {
        let mut mine = Measured::default();
        while began.elapsed() < length && !command::stopping() {
            let from = clock::now();
            match job(kept) {
                Ok(()) => mine.latencies.push(from.elapsed().as_secs_f64() * 1000.0),
                Err(what) => *mine.failures.entry(what).or_default() += 1,
            }
        }
        mine
    };
    let one = &one;
    let loops: Vec<Measured> = thread::scope(|scope| {
        let threads: Vec<_> = kept
            .iter_mut()
            .map(|kept| scope.spawn(move || one(kept)))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .collect()
    });
    let took = began.elapsed().as_secs_f64();
    let mut all = Measured::merged(loops);
    all.rate = all.latencies.len() as f64 / took;
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_middle_and_the_ends_in_any_order() {
        for (values, median, min, max) in [
            (&[3.0][..], 3.0, 3.0, 3.0),
            (&[4.0, 1.0], 2.5, 1.0, 4.0),
            (&[9.0, 1.0, 2.0], 2.0, 1.0, 9.0),
        ] {
            let expected = Spread { median, min, max };
            assert_eq!(Spread::of(values), expected, "{values:?}");
        }
    }

    #[test]
    fn a_loop_counts_what_was_done_and_what_went_wrong() {
        let mut counts = [0_u32; 16];
        let measured = run(Duration::from_millis(50), &mut counts, |n| {
            thread::sleep(Duration::from_millis(1));
            *n += 1;
            if *n == 1 {
                Err("first".to_owned())
            } else {
                Ok(())
            }
        });
        assert_eq!(measured.failures["first"], counts.len());
        assert!(measured.rate > 0.0 && measured.percentile(0.5) >= 1.0);
        assert!(measured.percentile(0.99) >= measured.percentile(0.5));
    }
}
