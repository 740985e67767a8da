//! What people type: `cargo xtask dev`, `test`, `build`, `bundle`, `bench`, `chaos`, `browsers`, `rotate-vault`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use xtask::build::Budgets;
use xtask::workspace::Workspace;
use xtask::{build, command, dev, programs, rotate_vault, test};

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
    Dev(dev::Options),
    /// Run what CI runs: formatting, lints, docs, advisories and every test, real workerd and Chromium included.
    Test {
        /// Run only tests whose name contains this; everything that is not a test is left out then.
        filter: Option<String>,
    },
    /// Build what is shipped, the browser's files and the worker, and show the sizes; sets up what is missing.
    Build,
    /// Publish: build, hold the sizes to their budgets, write the bill of materials, sign the manifest.
    #[command(disable_help_flag = true)]
    Bundle(Rest),
    /// Let visitors talk while the runtime is killed, links are cut and D1 is away, and count what became of it.
    #[command(disable_help_flag = true)]
    Chaos(Rest),
    /// Visit the chat in Firefox and WebKitGTK, where they and their drivers are installed.
    Browsers,
    /// Measure, beside others that do the same job. Not a test: a goal that is missed is reported and fails nothing.
    #[command(disable_help_flag = true)]
    Bench(Rest),
    /// Make a new key for confidential values, and say how it takes the place of the present one.
    RotateVault {
        /// State folder of a development edge whose key is changed at once; it must not be running.
        #[arg(long)]
        state: Option<PathBuf>,
    },
}

/// Arguments of another program.
#[derive(Args)]
struct Rest {
    /// `--help` shows them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    command::run_task(|| {
        let task = Arguments::parse().task;
        let workspace = Workspace::find()?;
        match task {
            Task::Dev(options) => dev::run(&workspace, &options)?,
            Task::Test { filter } => return test::run(&workspace, filter.as_deref()),
            Task::Build => build::run(&workspace, Budgets::Shown)?,
            Task::Bundle(rest) => {
                return programs::run(&workspace, &programs::RELEASE, &rest.arguments);
            }
            Task::Chaos(rest) => {
                return programs::run_on_build(&workspace, &programs::CHAOS, &rest.arguments);
            }
            Task::Browsers => return programs::run_on_build(&workspace, &programs::BROWSERS, &[]),
            Task::Bench(rest) => {
                return programs::run(&workspace, &programs::BENCH, &rest.arguments);
            }
            Task::RotateVault { state } => rotate_vault::rotate(state.as_deref())?,
        }
        Ok(ExitCode::SUCCESS)
    })
}
