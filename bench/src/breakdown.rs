//! What each part of ticket and session costs: the same loop over less and less of it, beside the Hono worker.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;

use crate::comparison::load_average;
use crate::cpu;
use crate::load::{self, Measured};
use crate::server::{Implementation, Server};
use crate::sessions::{AT_ONCE, browsers};
use xtask::workspace::Workspace;
use xtask::{command, progress};

/// How much of the way in a loop goes.
#[derive(Clone, Copy)]
enum Part {
    /// A route that does nothing: the runtime, the entry, the headers.
    Constant,
    /// With a site, an origin, the gate, a signature.
    Ticket,
    /// With a new visitor's object and its first session.
    Pair,
    /// One hop to an object that is there already, two statements, two tokens.
    Refresh,
}

impl Part {
    const ALL: [Self; 4] = [Self::Constant, Self::Ticket, Self::Pair, Self::Refresh];

    const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant route",
            Self::Ticket => "ticket",
            Self::Pair => "ticket + session",
            Self::Refresh => "refresh, same visitor",
        }
    }

    /// `None` for what a peer does not do.
    fn measure(self, server: &Server, length: Duration) -> Option<Measured> {
        let Server {
            edge, site, who, ..
        } = server;
        let mut browsers = browsers(edge);
        Some(match self {
            Self::Constant => load::run(length, &mut browsers, |browser| browser.constant()),
            Self::Ticket => load::run(length, &mut browsers, |browser| {
                browser.ticket(site).map(drop)
            }),
            Self::Pair => load::run(length, &mut browsers, |browser| {
                browser.pair(site).map(drop)
            }),
            Self::Refresh if *who == Implementation::Oriel => {
                let mut visitors: Vec<_> = browsers
                    .into_iter()
                    .map(|browser| (browser, None))
                    .collect();
                load::run(length, &mut visitors, |(browser, session)| match session {
                    Some(session) => browser.refresh(session),
                    // The first job of each of the loops.
                    None => browser.pair(site).map(|opened| *session = Some(opened)),
                })
            }
            Self::Refresh => return None,
        })
    }
}

/// Measures the parts, then where inside the worker the time of a pair goes.
///
/// # Errors
/// When something cannot be built, started or measured.
pub fn run(workspace: &Workspace, n_rounds: u32, length: Duration) -> Result<()> {
    let servers = [
        Server::start(workspace, Implementation::Oriel)?,
        Server::start(workspace, Implementation::Hono)?,
    ];
    let step = progress::step("warm up");
    for server in &servers {
        Part::Pair.measure(server, length);
    }
    step.done();
    let mut rounds: Vec<Vec<Vec<Measured>>> = Vec::new();
    rounds.resize_with(Part::ALL.len(), || vec![Vec::new(), Vec::new()]);
    for round in 1..=n_rounds {
        let step = progress::step(format!("round {round} of {n_rounds}"));
        for (part, rounds) in Part::ALL.iter().zip(&mut rounds) {
            for (server, rounds) in servers.iter().zip(rounds) {
                rounds.extend(part.measure(server, length));
                command::leave_if_stopping();
            }
        }
        step.done();
    }
    drop(servers);
    println!("{}", report(rounds));
    let named = cpu::with_names(workspace)?;
    cpu::sample(&named, "pairs/s", || {
        Part::Pair.measure(&named, length).unwrap_or_default()
    })
}

fn report(rounds: Vec<Vec<Vec<Measured>>>) -> String {
    let mut out = format!("\nEach part, {AT_ONCE} at once; ms is the machine's time for one\n\n");
    let _infallible = write!(out, "{:<24}", "");
    for who in [Implementation::Oriel, Implementation::Hono] {
        let _infallible = write!(out, "{:>18} /s{:>9}", who.name(), "ms");
    }
    out.push('\n');
    let mut failures = String::new();
    for (part, both) in Part::ALL.iter().zip(rounds) {
        let _infallible = write!(out, "{:<24}", part.name());
        for rounds in both {
            if rounds.is_empty() {
                continue;
            }
            let measured = Measured::merged(rounds);
            let _infallible = write!(out, "{:>21.1}{:>9.2}", measured.rate, measured.cost());
            for (what, n) in measured.failures {
                let _infallible = writeln!(failures, "{}: {n} × {what}", part.name());
            }
        }
        out.push('\n');
    }
    let _infallible = write!(out, "\n{}\n{failures}", load_average().trim_start());
    out
}
