//! What people type: `cargo xtask dev`, `test`, `build`, `bundle`, `bench`, `chaos`, `browsers`, `rotate-vault`.
//!
//! This file parses and dispatches. The rooms: `setup` makes the machine ready, `bundle` and `worker` build, `release` publishes, `dev`
//! serves, `test` checks, `trial` breaks and tries, `bench` measures, `vault` changes a key; `command` and `guard` run other programs
//! and make sure that none outlives us.

mod bench;
mod bundle;
mod clock;
mod command;
mod dev;
mod digest;
mod guard;
mod progress;
mod release;
mod setup;
mod stamp;
mod test;
mod trial;
mod vault;
mod worker;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Runs, tests and builds Oriel."
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the edge and a demo customer page; sets up and builds what is missing.
    Dev {
        /// Port of the edge; the demo page takes the next one.
        #[arg(long, default_value_t = 8787, value_parser = clap::value_parser!(u16).range(1..=65534))]
        port: u16,
        /// Folder that keeps all data [default: .oriel in the workspace].
        #[arg(long)]
        state: Option<PathBuf>,
        /// Print one line of JSON when ready and nothing else on standard output.
        #[arg(long)]
        json: bool,
        /// Another entry of the worker than the configuration's, for tests that look inside.
        #[arg(long, hide = true)]
        entry: Option<PathBuf>,
    },
    /// Run what CI runs: formatting, lints, docs and every test, real workerd and Chromium included.
    Test {
        /// Run only tests whose name contains this; formatting, lints and docs are left out then.
        filter: Option<String>,
    },
    /// Build the browser's files and the worker; sets up what is missing.
    Build,
    /// Build, print the sizes, fail when one is over its budget, write the release's papers and sign the manifest.
    Bundle {
        #[command(flatten)]
        options: release::Options,
    },
    /// Let visitors talk while the runtime is killed, links are cut and D1 is away, and count what became of it.
    #[command(disable_help_flag = true)]
    Chaos {
        /// What `cargo xtask chaos --help` says.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Visit the chat in Firefox and WebKitGTK, where they and their drivers are installed.
    Browsers,
    /// Measure, beside others that do the same job. Not a test: a goal that is missed is said, not failed.
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Make a new key for confidential values, and say how it takes the place of the present one.
    RotateVault {
        /// State folder of a development edge whose key is changed at once; it must not be running.
        #[arg(long)]
        state: Option<PathBuf>,
    },
    /// Runs a program and ends it when standard input closes. Used by the other tasks.
    #[command(name = guard::NAME, hide = true)]
    Guard {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        program: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    if let Task::Guard { program } = task {
        return guard::run(&program);
    }
    let outcome = command::stop_on_signals().and_then(|()| {
        let workspace = Workspace::find()?;
        match task {
            Task::Dev {
                port,
                state,
                json,
                entry,
            } => {
                let options = dev::Options {
                    port,
                    state,
                    json,
                    entry,
                };
                dev::run(&workspace, &options)?;
            }
            Task::Test { filter } => return test::run(&workspace, filter.as_deref()),
            Task::Build => bundle::run(&workspace, bundle::Budgets::Shown)?,
            Task::Bundle { options } => release::run(&workspace, &options)?,
            Task::Chaos { arguments } => return trial::run(&workspace, "chaos", &arguments),
            Task::Browsers => return trial::run(&workspace, "browsers", &[]),
            Task::Bench { what } => bench::run(&workspace, &what)?,
            Task::RotateVault { state } => vault::rotate(state.as_deref())?,
            Task::Guard { .. } => {}
        }
        Ok(ExitCode::SUCCESS)
    });
    // A signal ends what we were doing; its failure is then no news, and the handler chooses the exit code.
    command::leave_if_stopping();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
