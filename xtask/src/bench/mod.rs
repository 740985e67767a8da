//! `cargo xtask bench`: how fast, beside others that do the same job on the same runtime in the same run.
//!
//! A bench measures and says which goal is missed; it fails only when something cannot be measured. Absolute numbers
//! belong to one machine and one moment, so goals are ratios of rounds that ran in turns.
//!
//! - [`sessions`]: ticket and session, Oriel beside its peers
//! - [`stages`]: what each stage of that costs; [`cpu`]: where inside the worker the time goes
//! - [`contender`]: a worker as a process; [`visitor`]: the calls a browser makes; [`load`]: many of them at once

mod contender;
mod cpu;
mod load;
mod sessions;
mod stages;
mod visitor;

use std::time::Duration;

use anyhow::Result;
use clap::Subcommand;

use crate::workspace::Workspace;

/// What can be measured.
#[derive(Subcommand)]
pub enum What {
    /// Tickets and sessions, beside a Hono worker and one of Hono and the Agents SDK.
    Sessions {
        /// Rounds for each of them, in turns.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
        rounds: u32,
        /// Length of a round.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
        seconds: u64,
        /// Show what each stage costs and which functions the worker spends its time in, instead of comparing.
        #[arg(long)]
        profile: bool,
    },
}

/// Measures.
///
/// # Errors
/// When something cannot be built, started or measured. A goal that is missed is no error.
pub fn run(workspace: &Workspace, what: &What) -> Result<()> {
    let What::Sessions {
        rounds,
        seconds,
        profile,
    } = *what;
    let length = Duration::from_secs(seconds);
    if profile {
        stages::run(workspace, rounds, length)
    } else {
        sessions::run(workspace, rounds, length)
    }
}
