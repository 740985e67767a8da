//! Several who do the same job, measured in turns: what one round of each shows beside the others', and the table.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::Rounds;
use crate::load::{Measured, Spread};
use xtask::{command, progress};

/// One of them and its rounds.
pub struct Series<'a> {
    name: &'static str,
    measure: Box<dyn FnMut(Duration) -> Measured + 'a>,
    rounds: Vec<Measured>,
}

impl<'a> Series<'a> {
    /// One that has not run yet. `measure` runs one round of this length.
    pub fn new(name: &'static str, measure: impl FnMut(Duration) -> Measured + 'a) -> Self {
        Self {
            name,
            measure: Box::new(measure),
            rounds: Vec::new(),
        }
    }

    fn rates(&self) -> Vec<f64> {
        self.rounds.iter().map(|round| round.rate).collect()
    }

    /// All rounds as one.
    pub fn all(&self) -> Measured {
        Measured::merged(self.rounds.clone())
    }
}

/// Warms each of them up, then measures.
///
/// # Errors
/// When one of them did nothing at all.
pub fn run(all_series: &mut [Series<'_>], rounds: &Rounds) -> Result<()> {
    let (n_rounds, length) = (rounds.n, rounds.length());
    let step = progress::step("warm up");
    for series in &mut *all_series {
        (series.measure)(length);
    }
    step.done();
    for round in 1..=n_rounds {
        let step = progress::step(format!("round {round} of {n_rounds}"));
        // There and back, so that nobody is always first, or always after the same one.
        for series in in_turn(all_series, round) {
            step.line(series.name);
            let measured = (series.measure)(length);
            command::leave_if_stopping();
            if measured.rate == 0.0 {
                bail!("{} did nothing: {:?}", series.name, measured.failures);
            }
            series.rounds.push(measured);
        }
        step.done();
    }
    Ok(())
}

/// The first round in order, the second one backwards, and so on.
fn in_turn<T>(all: &mut [T], round: u32) -> Vec<&mut T> {
    let mut order: Vec<&mut T> = all.iter_mut().collect();
    if round.is_multiple_of(2) {
        order.reverse();
    }
    order
}

/// Rates and latencies, and below them what went wrong.
pub fn table(all_series: &[Series<'_>], unit: &str) -> String {
    let mut out = format!(
        "{:<30}{unit:>12}{:>18}{:>10}{:>10}{:>10}{:>10}\n",
        "", "range", "p50 ms", "p99 ms", "CPU ms", "refused",
    );
    let mut failures = String::new();
    for series in all_series {
        let spread = Spread::of(&series.rates());
        let all = series.all();
        let name = series.name;
        let _infallible = writeln!(
            out,
            "{name:<30}{:>12.1}{:>18}{:>10.1}{:>10.1}{:>10}{:>10}",
            spread.median,
            format!("{:.1}–{:.1}", spread.min, spread.max),
            all.percentile(0.5),
            all.percentile(0.99),
            all.cpu_ms
                .map_or_else(|| "?".to_owned(), |ms| format!("{ms:.2}")),
            all.failures.values().sum::<usize>(),
        );
        for (what, n) in all.failures {
            let _infallible = writeln!(failures, "{name}: {n} × {what}");
        }
    }
    out + &failures
}

/// The rates of one series over those of another, round by round: two that ran one after the other met the same machine.
pub fn ratio(own: &Series<'_>, other: &Series<'_>) -> Spread {
    let ratios: Vec<f64> = own
        .rates()
        .iter()
        .zip(other.rates())
        .map(|(own, its)| own / its)
        .collect();
    Spread::of(&ratios)
}

/// The ratio of two series as a line.
pub fn beside(own: &Series<'_>, other: &Series<'_>) -> String {
    let ratio = ratio(own, other);
    format!(
        "{:<50}{:>6.2} (rounds {:.2}–{:.2})\n",
        format!("{} / {}", own.name, other.name),
        ratio.median,
        ratio.min,
        ratio.max,
    )
}

/// The ratio of two series as a line, and whether it reaches its goal.
pub fn verdict(own: &Series<'_>, other: &Series<'_>, goal: f64) -> String {
    let is_met = ratio(own, other).median >= goal;
    let line = beside(own, other);
    format!("{}   goal ≥ {goal}: {}\n", line.trim_end(), met(is_met))
}

/// How the tables write whether a goal is met.
pub const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

/// How busy the machine is, where it can be read.
pub fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| Some(text.split(' ').next()?.to_owned()))
        .map_or_else(String::new, |load| {
            format!(" Load average of the machine: {load}.")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_round_goes_backwards() {
        let mut all = [1, 2, 3];
        let order = |all: &mut [i32], round| {
            in_turn(all, round)
                .into_iter()
                .map(|n| *n)
                .collect::<Vec<_>>()
        };
        assert_eq!(order(&mut all, 1), [1, 2, 3]);
        assert_eq!(order(&mut all, 2), [3, 2, 1]);
    }

    #[test]
    fn a_ratio_is_taken_round_by_round_and_held_to_its_goal() {
        let series = |name, rates: &[f64]| {
            let mut series = Series::new(name, |_| Measured::default());
            series.rounds = rates
                .iter()
                .map(|&rate| {
                    let mut round = Measured::default();
                    round.rate = rate;
                    round
                })
                .collect();
            series
        };
        let (own, other) = (
            series("Own", &[100.0, 50.0]),
            series("Other", &[50.0, 50.0]),
        );
        let ratio = ratio(&own, &other);
        assert_eq!((ratio.min, ratio.median, ratio.max), (1.0, 1.5, 2.0));
        assert!(verdict(&own, &other, 1.5).ends_with("met\n"));
        assert!(verdict(&own, &other, 1.6).ends_with("MISSED\n"));
    }
}
