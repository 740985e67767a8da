//! Parts of the Rust toolchain: the wasm target, the standard library's source, rustfmt, clippy.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{command, progress};

/// What the worker and the widget are compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm target to the toolchain that `rust-toolchain.toml` names.
///
/// # Errors
/// When rustup is missing or cannot fetch it.
pub fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = command::program("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", WASM])
        .current_dir(workspace.root());
    let folder = command::output(&mut rustc).context("install Rust with rustup")?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    rustup(workspace, &["target", "add", WASM])
}

/// Adds the source of the standard library, which the widget builds for size.
///
/// # Errors
/// As [`wasm_target`].
pub fn std_source(workspace: &Workspace) -> Result<()> {
    if source(workspace)?.join("library/std/Cargo.toml").is_file() {
        return Ok(());
    }
    rustup(workspace, &["component", "add", "rust-src"])
}

/// Where the toolchain's own source lies, or would lie.
///
/// # Errors
/// When rustc is missing.
pub fn source(workspace: &Workspace) -> Result<PathBuf> {
    let mut rustc = command::program("rustc");
    rustc
        .args(["--print", "sysroot"])
        .current_dir(workspace.root());
    let sysroot = command::output(&mut rustc).context("install Rust with rustup")?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"))
}

/// Adds rustfmt and clippy.
///
/// # Errors
/// As [`wasm_target`].
pub fn components(workspace: &Workspace) -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let there = command::program("cargo")
            .args([tool, "--version"])
            .current_dir(workspace.root())
            .output()
            .is_ok_and(|output| output.status.success());
        if !there {
            rustup(workspace, &["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let what = format!("rustup {}", arguments.join(" "));
    if command::which("rustup").is_none() {
        bail!(
            "rustup is missing: add what `{what}` would add to your Rust toolchain, then try again"
        );
    }
    let step = progress::step(&what);
    command::run(
        &step,
        command::program("rustup")
            .args(arguments)
            .current_dir(workspace.root()),
    )
    .with_context(|| format!("`{what}` did not work; it needs the network once"))?;
    step.done();
    Ok(())
}
