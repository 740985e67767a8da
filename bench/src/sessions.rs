//! Ticket and session, requests a second: Oriel beside its peers, in turns.

use std::time::Duration;

use anyhow::Result;

use crate::Rounds;
use crate::comparison::{self, Series};
use crate::load::{self, Measured};
use crate::server::{Implementation, Server};
use crate::visitor::{self, Browser};
use xtask::progress;
use xtask::workspace::Workspace;

/// Visitors at once, as in the goal.
pub const AT_ONCE: usize = 16;
/// Oriel's rate over another's, at least.
const GOALS: [(Implementation, f64); 2] =
    [(Implementation::Hono, 0.8), (Implementation::Agents, 5.0)];

/// Compares.
///
/// # Errors
/// When one of them cannot be started, or answers nothing at all.
pub fn run(workspace: &Workspace, rounds: &Rounds) -> Result<()> {
    let (n_rounds, length) = (rounds.n, rounds.length());
    let ceiling = ceiling(length.min(Duration::from_secs(3)))?;
    let servers: Vec<Server> = Implementation::ALL
        .into_iter()
        .map(|who| Server::start(workspace, who))
        .collect::<Result<_>>()?;
    let mut all_series: Vec<Series<'_>> = servers
        .iter()
        .map(|server| Series::new(server.who.name(), |length| pairs(server, length)))
        .collect();
    comparison::run(&mut all_series, rounds)?;
    let mut verdicts = String::new();
    for (other, goal) in GOALS {
        let series = |who| servers.iter().zip(&all_series).find(|(c, _)| c.who == who);
        if let (Some((_, own)), Some((_, other))) = (series(Implementation::Oriel), series(other)) {
            verdicts += &comparison::verdict(own, other, goal);
        }
    }
    println!(
        "\nTicket + session, {AT_ONCE} visitors at once, {n_rounds} rounds of {} s each, in turns\n\n{}\n{verdicts}\n\
         The client alone manages {ceiling:.0} pairs/s against a constant answer.{}",
        length.as_secs(),
        comparison::table(&all_series, "pairs/s"),
        comparison::load_average(),
    );
    Ok(())
}

/// As many browsers as there are visitors at once.
pub fn browsers(edge: &str) -> Vec<Browser<'_>> {
    (0..AT_ONCE).map(|_| Browser::new(edge)).collect()
}

/// Pairs of a ticket and a session, as many as it answers.
fn pairs(server: &Server, length: Duration) -> Measured {
    let Server { edge, site, .. } = server;
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
