//! Ticket and session, requests a second: Oriel beside its peers, in turns.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, bail};

use super::contender::{Contender, Who};
use super::load::{self, AT_ONCE, Measured, Spread};
use super::visitor::{self, Browser};
use crate::workspace::Workspace;
use crate::{bundle, command, progress, setup};

/// Oriel's rate over another's, at least.
const GOALS: [(Who, f64); 2] = [(Who::Hono, 0.8), (Who::Agents, 5.0)];

/// One of them and its rounds.
struct Lane {
    contender: Contender,
    rounds: Vec<Measured>,
}

/// Compares.
///
/// # Errors
/// When one of them cannot be started, or answers nothing at all.
pub fn run(workspace: &Workspace, n_rounds: u32, length: Duration) -> Result<()> {
    setup::for_builds(workspace)?;
    bundle::build_all(workspace)?;
    let ceiling = ceiling(length.min(Duration::from_secs(3)))?;
    let mut lanes = Vec::new();
    for who in Who::ALL {
        lanes.push(Lane {
            contender: Contender::start(workspace, who)?,
            rounds: Vec::new(),
        });
    }
    let step = progress::step("warm up");
    for lane in &lanes {
        pairs(&lane.contender, length);
    }
    step.done();
    for round in 1..=n_rounds {
        let step = progress::step(format!("round {round} of {n_rounds}"));
        // There and back, so that nobody is always first, or always after the same one.
        for lane in in_turn(&mut lanes, round) {
            step.line(lane.contender.who.name());
            let measured = pairs(&lane.contender, length);
            command::leave_if_stopping();
            if measured.rate == 0.0 {
                bail!(
                    "{} opened no session: {:?}",
                    lane.contender.who.name(),
                    measured.failures
                );
            }
            lane.rounds.push(measured);
        }
        step.done();
    }
    println!("{}", report(lanes, ceiling, length));
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

/// Pairs of a ticket and a session, as many as it answers.
pub fn pairs(contender: &Contender, length: Duration) -> Measured {
    let Contender { edge, site, .. } = contender;
    load::run(
        length,
        || Browser::new(edge),
        |browser| browser.pair(site).map(drop),
    )
}

/// What the client manages when nobody keeps it waiting.
pub fn ceiling(length: Duration) -> Result<f64> {
    let step = progress::step("measure the load client itself");
    let edge = visitor::echo()?;
    let measured = load::run(
        length,
        || Browser::new(&edge),
        |browser| browser.pair("pk").map(drop),
    );
    step.done();
    Ok(measured.rate)
}

fn report(lanes: Vec<Lane>, ceiling: f64, length: Duration) -> String {
    let mut out = format!(
        "\nTicket + session, {AT_ONCE} visitors at once, {} rounds of {} s each, in turns\n\n\
         {:<20}{:>10}{:>18}{:>10}{:>10}{:>10}\n",
        lanes.first().map_or(0, |lane| lane.rounds.len()),
        length.as_secs(),
        "",
        "pairs/s",
        "range",
        "p50 ms",
        "p99 ms",
        "refused",
    );
    let mut failures = String::new();
    let mut rates = Vec::new();
    for Lane { contender, rounds } in lanes {
        let mine: Vec<f64> = rounds.iter().map(|round| round.rate).collect();
        let spread = Spread::of(&mine);
        let all = Measured::merged(rounds);
        let name = contender.who.name();
        let _infallible = writeln!(
            out,
            "{name:<20}{:>10.1}{:>18}{:>10.1}{:>10.1}{:>10}",
            spread.median,
            format!("{:.1}–{:.1}", spread.least, spread.most),
            all.percentile(0.5),
            all.percentile(0.99),
            all.failures.values().sum::<usize>(),
        );
        for (what, n) in all.failures {
            let _infallible = writeln!(failures, "{name}: {n} × {what}");
        }
        rates.push((contender.who, mine));
    }
    out.push('\n');
    for (other, goal) in GOALS {
        let ratio = ratio(&rates, other);
        let verdict = if ratio.median >= goal {
            "met"
        } else {
            "MISSED"
        };
        let _infallible = writeln!(
            out,
            "Oriel / {:<20} {:>6.2} (rounds {:.2}–{:.2})   goal ≥ {goal}: {verdict}",
            other.name(),
            ratio.median,
            ratio.least,
            ratio.most,
        );
    }
    let _infallible = write!(
        out,
        "\nThe client alone manages {ceiling:.0} pairs/s against a constant answer.{}\n{failures}",
        load_average()
    );
    out
}

/// Round by round: two that ran one after the other met the same machine.
fn ratio(rates: &[(Who, Vec<f64>)], other: Who) -> Spread {
    let of = |who: Who| {
        rates
            .iter()
            .find(|(name, _)| *name == who)
            .map(|(_, rates)| rates.as_slice())
            .unwrap_or_default()
    };
    let ratios: Vec<f64> = of(Who::Oriel)
        .iter()
        .zip(of(other))
        .map(|(own, its)| own / its)
        .collect();
    Spread::of(&ratios)
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
    fn a_ratio_is_taken_round_by_round() {
        let rates = [
            (Who::Oriel, vec![100.0, 50.0]),
            (Who::Hono, vec![50.0, 50.0]),
        ];
        let ratio = ratio(&rates, Who::Hono);
        assert_eq!((ratio.least, ratio.median, ratio.most), (1.0, 1.5, 2.0));
    }
}
