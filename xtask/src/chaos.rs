//! `cargo xtask chaos`: builds what is missing, then lets `tests/src/bin/chaos.rs` break it.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::command::{self, Line};
use crate::workspace::Workspace;
use crate::{bundle, setup};

/// Runs it; what it says ends with the counts.
///
/// # Errors
/// When something cannot be built or started; a message that was lost is in the exit code.
pub fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<ExitCode> {
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
            "chaos",
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
