//! Ticket and session, requests a second: Oriel beside its peers, in turns.

use std::time::Duration;

use anyhow::Result;

use crate::contender::{Contender, Who};
use crate::lanes::{self, Lane};
use crate::load::{self, Measured};
use crate::visitor::{self, Browser};
use xtask::progress;
use xtask::workspace::Workspace;

/// Visitors at once, as in the goal.
pub const AT_ONCE: usize = 16;
/// Oriel's rate over another's, at least.
const GOALS: [(Who, f64); 2] = [(Who::Hono, 0.8), (Who::Agents, 5.0)];

/// Compares.
///
/// # Errors
/// When one of them cannot be started, or answers nothing at all.
pub fn run(workspace: &Workspace, n_rounds: u32, length: Duration) -> Result<()> {
    let ceiling = ceiling(length.min(Duration::from_secs(3)))?;
    let contenders: Vec<Contender> = Who::ALL
        .into_iter()
        .map(|who| Contender::start(workspace, who))
        .collect::<Result<_>>()?;
    let mut lanes: Vec<Lane<'_>> = contenders
        .iter()
        .map(|contender| Lane::new(contender.who.name(), |length| pairs(contender, length)))
        .collect();
    lanes::run(&mut lanes, n_rounds, length)?;
    let mut verdicts = String::new();
    for (other, goal) in GOALS {
        let lane = |who| contenders.iter().zip(&lanes).find(|(c, _)| c.who == who);
        if let (Some((_, own)), Some((_, other))) = (lane(Who::Oriel), lane(other)) {
            verdicts += &lanes::verdict(own, other, goal);
        }
    }
    println!(
        "\nTicket + session, {AT_ONCE} visitors at once, {n_rounds} rounds of {} s each, in turns\n\n{}\n{verdicts}\n\
         The client alone manages {ceiling:.0} pairs/s against a constant answer.{}",
        length.as_secs(),
        lanes::table(&lanes, "pairs/s"),
        lanes::load_average(),
    );
    Ok(())
}

/// As many browsers as there are visitors at once.
pub fn browsers(edge: &str) -> Vec<Browser<'_>> {
    (0..AT_ONCE).map(|_| Browser::new(edge)).collect()
}

/// Pairs of a ticket and a session, as many as it answers.
fn pairs(contender: &Contender, length: Duration) -> Measured {
    let Contender { edge, site, .. } = contender;
    load::run(length, &mut browsers(edge), |browser| {
        browser.pair(site).map(drop)
    })
}

/// What the client manages when nobody keeps it waiting.
fn ceiling(length: Duration) -> Result<f64> {
    let step = progress::step("measure the load client itself");
    let edge = visitor::echo()?;
    let measured = load::run(length, &mut browsers(&edge), |browser| {
        browser.pair("pk").map(drop)
    });
    step.done();
    Ok(measured.rate)
}
