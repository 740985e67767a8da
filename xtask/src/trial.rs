//! `cargo xtask chaos` and `browsers`: build what is missing, then let a program of `tests/src/bin` try it.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::command::{self, Line};
use crate::workspace::Workspace;
use crate::{bundle, setup};

/// Runs a program of this name; what it says ends with what came of it.
///
/// # Errors
/// When something cannot be built or started; what went wrong after that is in the exit code.
pub fn run(workspace: &Workspace, name: &str, arguments: &[OsString]) -> Result<ExitCode> {
    setup::for_builds(workspace)?;
    bundle::build_all(workspace)?;
    let mut cargo = command::program("cargo");
    cargo
        .args([
            "run",
            "--quiet",
            "--package",
            "oriel-tests",
            "--bin",
            name,
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
