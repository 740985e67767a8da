//! `cargo xtask bench`: how fast, beside others that do the same job on the same runtime in the same run.
//!
//! A bench measures and says which goal is missed; it fails only when something cannot be measured. Absolute numbers
//! belong to one machine and one moment, so goals are ratios of rounds that ran in turns.
//!
//! - [`answers`]: questions over real documentation, how many are answered rightly
//! - [`sessions`]: ticket and session, Oriel beside its peers; [`breakdown`]: what each part of that costs
//! - [`messages`]: accepted to acknowledged, Oriel beside its peer; [`commits`]: what that writes to disk
//! - [`cpu`], [`inspector`]: where inside the worker the time goes
//! - [`idle`]: the memory of chats that are open and silent; [`runtime`]: what the runtime takes
//! - [`widget`]: the widget in a browser, beside rivals; [`lighthouse`]: what Lighthouse says of a page with it
//! - [`server`]: a worker as a process; [`comparison`]: several of them in turns
//! - [`visitor`]: the calls a browser makes; [`chat`]: an open socket; [`load`]: many of them at once; [`echo`]: what they
//!   cost by themselves

mod answers;
mod breakdown;
mod chat;
mod commits;
mod comparison;
mod cpu;
mod echo;
mod idle;
mod inspector;
mod lighthouse;
mod load;
mod messages;
mod runtime;
mod server;
mod sessions;
mod visitor;
mod widget;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser};
use xtask::build::{self, Kind};
use xtask::command;
use xtask::workspace::Workspace;

/// Measure, beside others that do the same job. A goal that is missed is reported and fails nothing.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
enum What {
    /// Tickets and sessions, beside a Hono worker and one of Hono and the Agents SDK.
    Sessions(Rounds),
    /// Messages of many visitors at once, beside an agent of the Agents SDK; and what one message costs.
    Messages {
        /// Visitors at once.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
        visitors: u16,
        #[command(flatten)]
        rounds: Rounds,
    },
    /// Memory that many open and silent chats hold, without garbage, beside a bare object.
    Idle {
        /// Chats that are open.
        #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(1..=10_000))]
        chats: u16,
    },
    /// The widget in Chromium, beside rivals: bytes, time to the launcher and to the field, blocking, memory.
    Widget {
        /// Fresh browsers for each row and mode, in turns.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
        rounds: u32,
        /// Rows of bench/widget-peers/peers.json beside ours.
        #[arg(long, default_value = widget::RIVALS)]
        rivals: String,
        /// Look, too, at accessibility, keyboard, host policies and storage; a minute for each row.
        #[arg(long)]
        checks: bool,
    },
    /// What Lighthouse says of the demo page without and with the chat, on a phone and on a desktop.
    Lighthouse {
        /// Runs of each, in turns; the medians are compared.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=50))]
        rounds: u32,
    },
    /// Questions over real documentation: how many find their passage, how many of those without one are answered.
    Answers,
}

/// How long is measured.
#[derive(Args)]
struct Rounds {
    /// Rounds for each of them, in turns.
    #[arg(long = "rounds", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    n: u32,
    /// Length of a round.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Show which functions the worker spends its time in, and what each part costs, instead of comparing.
    #[arg(long)]
    profile: bool,
}

impl Rounds {
    fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn main() -> ExitCode {
    command::run_task(|| {
        let what = What::parse();
        let workspace = Workspace::find()?;
        build::everything(&workspace, Kind::Release)?;
        run(&workspace, &what)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn run(workspace: &Workspace, what: &What) -> Result<()> {
    match what {
        What::Widget {
            rounds,
            rivals,
            checks,
        } => widget::run(workspace, rivals, *rounds, *checks),
        What::Lighthouse { rounds } => lighthouse::run(workspace, *rounds),
        What::Answers => answers::run(workspace),
        What::Sessions(rounds) if rounds.profile => breakdown::run(workspace, rounds),
        What::Sessions(rounds) => sessions::run(workspace, rounds),
        What::Messages { visitors, rounds } if rounds.profile => {
            messages::profile(workspace, usize::from(*visitors), rounds.length())
        }
        What::Messages { visitors, rounds } => {
            messages::run(workspace, usize::from(*visitors), rounds)
        }
        What::Idle { chats } => idle::run(workspace, usize::from(*chats)),
    }
}
