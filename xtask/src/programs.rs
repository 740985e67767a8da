//! Tasks that are programs of other crates: built when they are asked for, so that nobody else waits for what they need.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::build::{self, Kind};
use crate::command::{self, Line};
use crate::workspace::Workspace;

/// A program of another crate.
pub struct Program {
    /// Its package.
    pub package: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// Publishes: `cargo xtask bundle`.
pub const RELEASE: Program = Program {
    package: "oriel-release",
    name: "oriel-release",
};
/// Measures: `cargo xtask bench`.
pub const BENCH: Program = Program {
    package: "oriel-bench",
    name: "oriel-bench",
};
/// Kills the runtime while visitors talk: `cargo xtask chaos`.
pub const CHAOS: Program = Program {
    package: "oriel-tests",
    name: "chaos",
};
/// Visits the chat in other browsers: `cargo xtask browsers`.
pub const BROWSERS: Program = Program {
    package: "oriel-tests",
    name: "browsers",
};

/// Runs a program with the arguments that it was given; what it says ends with what came of it.
///
/// # Errors
/// When it cannot be started; what went wrong after that is in the exit code.
pub fn run(workspace: &Workspace, program: &Program, arguments: &[OsString]) -> Result<ExitCode> {
    let mut cargo = command::program("cargo");
    cargo
        .args([
            "run",
            "--quiet",
            "--package",
            program.package,
            "--bin",
            program.name,
            "--",
        ])
        .args(arguments)
        .env("ORIEL_XTASK", command::own_program()?)
        .current_dir(workspace.root());
    let is_good = command::follow(&cargo, |line| match line {
        Line::Out(text) => println!("{text}"),
        Line::Err(text) => eprintln!("{text}"),
    })?;
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Builds what is shipped, then runs a program on it.
///
/// # Errors
/// As [`run`], and when a build step fails.
pub fn run_on_build(
    workspace: &Workspace,
    program: &Program,
    arguments: &[OsString],
) -> Result<ExitCode> {
    build::everything(workspace, Kind::Release)?;
    run(workspace, program, arguments)
}
