//! What each part of ticket and session costs: the same loop over less and less of it, beside the Hono worker.

use std::time::Duration;

use anyhow::Result;

use crate::comparison::{self, Series};
use crate::load::{self, Measured};
use crate::server::{Implementation, Server};
use crate::sessions::{AT_ONCE, browsers};
use crate::{Rounds, cpu};
use xtask::workspace::Workspace;

/// How much of the work a loop does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A route that does nothing: the runtime, the entry, the headers.
    Constant,
    /// A ticket: the site is looked up, the origin and the limits are checked, and a token is signed.
    Ticket,
    /// A ticket, then a new visitor's object and its first session.
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

    fn measure(self, server: &Server, length: Duration) -> Measured {
        let Server { edge, site, .. } = server;
        let mut browsers = browsers(edge);
        match self {
            Self::Constant => load::run(length, &mut browsers, |browser| browser.constant()),
            Self::Ticket => load::run(length, &mut browsers, |browser| {
                browser.ticket(site).map(drop)
            }),
            Self::Pair => load::run(length, &mut browsers, |browser| {
                browser.pair(site).map(drop)
            }),
            Self::Refresh => {
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
        }
    }
}

/// Measures the parts, then where inside the worker the time of a pair goes.
///
/// # Errors
/// When something cannot be built, started or measured.
pub fn run(workspace: &Workspace, rounds: &Rounds) -> Result<()> {
    let servers = [
        Server::start(workspace, Implementation::Oriel)?,
        Server::start(workspace, Implementation::Hono)?,
    ];
    for part in Part::ALL {
        let mut compared: Vec<Series<'_>> = servers
            .iter()
            // The peer renews no sessions.
            .filter(|server| part != Part::Refresh || server.who == Implementation::Oriel)
            .map(|server| {
                Series::new(server.who.name(), move |length| {
                    part.measure(server, length)
                })
            })
            .collect();
        comparison::run(&mut compared, rounds)?;
        println!(
            "\n{}, {AT_ONCE} at once\n\n{}",
            part.name(),
            comparison::table(&compared, "a second")
        );
    }
    drop(servers);
    println!("{}", comparison::load_average().trim_start());
    let named = cpu::with_names(workspace)?;
    cpu::sample(workspace, &named, "pairs", || {
        Part::Pair.measure(&named, rounds.length())
    })
}
