//! `cargo xtask chaos`: as many visitors and messages as one likes. The test in `tests/operation/chaos.rs` is a small one.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use oriel_tests::chaos::{self, Plan, Transport};
use oriel_tests::edge::Edge;

/// Visitors talk while the runtime is killed, links are cut and D1 is away; ends with the counts.
#[derive(Parser)]
#[command(name = "cargo xtask chaos", bin_name = "cargo xtask chaos")]
struct Arguments {
    /// How many talk.
    #[arg(long, default_value_t = 50)]
    visitors: usize,
    /// How many messages they send, together.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
    /// Chooses what is left to chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The middle of the time between two things that one tab says, in milliseconds.
    #[arg(long, default_value_t = 400)]
    pace: u64,
    /// The middle of the time that the runtime lives before it is killed again, in milliseconds.
    #[arg(long, default_value_t = 6_000)]
    alive: u64,
    /// Without sockets: requests, and a stream of events.
    #[arg(long)]
    fallback: bool,
    /// Several tabs of each visitor at once, that come and go.
    #[arg(long)]
    tabs: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let edge = match Edge::start() {
        Ok(edge) => edge,
        Err(why) => {
            eprintln!("the edge did not start: {why}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = chaos::run(
        &edge,
        &Plan {
            seed: arguments.seed,
            n_visitors: arguments.visitors,
            n_messages: arguments.messages,
            way: if arguments.fallback {
                Transport::Fallback
            } else {
                Transport::Socket
            },
            n_tabs: if arguments.tabs { 3 } else { 1 },
            pace: Duration::from_millis(arguments.pace),
            alive: Duration::from_millis(arguments.alive),
        },
    );
    drop(edge);
    println!("{outcome}");
    if outcome.verdict.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
