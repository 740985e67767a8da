//! Makes what browsers are served, and weighs it.
//!
//! `dist/public` holds the loader under its rolling name and its pinned one, the frame's files, the manifest that names
//! them with their integrity, the types of the page's API, the description of the API, and `_headers`. A file is named by the hash of its own final bytes, computed last. The
//! same sources make the same bytes, whatever the day and the folder.

mod budget;
mod files;
mod glue;
mod headers;
mod locales;
mod widget;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use oriel_shared::wire::api::{DESCRIPTION_PATH, TYPES_PATH};
use oriel_shared::wire::embed::Manifest;
use serde::Serialize;

use crate::progress::Step;
use crate::release::RELEASES_PATH;
use crate::setup::{self, node};
use crate::workspace::Workspace;
use crate::{command, stamp, worker};

/// What the bundle is made from, the way of making included.
const SOURCES: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "package-lock.json",
    "shared",
    "widget",
    "xtask/src/bundle",
    "xtask/src/setup",
];

/// What makes wasm smaller, packed, than `-Oz` alone: 1.3 KiB of the widget at the time, 3 of the worker. Functions with one
/// caller stay functions, for what looks alike packs well; found by trying.
pub const SMALLER: [&str; 2] = ["--converge", "--one-caller-inline-max-function-size=24"];

/// What happens when something is too large.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Budgets {
    /// It is shown.
    Shown,
    /// The task fails.
    Enforced,
}

/// `cargo xtask build` and `bundle`.
///
/// # Errors
/// When something cannot be set up or built, or, if so wished, is over its budget.
pub fn run(workspace: &Workspace, budgets: Budgets) -> Result<()> {
    setup::for_builds(workspace)?;
    build_all(workspace)?;
    let sizes = budget::weigh(workspace)?;
    println!("{}", budget::table(&sizes));
    match budgets {
        Budgets::Shown => Ok(()),
        Budgets::Enforced => budget::check(&sizes),
    }
}

/// Builds what is not up to date: the browser's files and the worker.
///
/// # Errors
/// When a build step fails.
pub fn build_all(workspace: &Workspace) -> Result<()> {
    if is_current(workspace)? && worker::is_current(workspace)? {
        return Ok(());
    }
    // Asked again under the lock: another process may have built while this one waited.
    let _one_at_a_time = stamp::lock(workspace)?;
    if !is_current(workspace)? {
        build(workspace)?;
    }
    if !worker::is_current(workspace)? {
        worker::build(workspace)?;
    }
    Ok(())
}

fn stamp_file(workspace: &Workspace) -> PathBuf {
    workspace.join("dist/bundle.stamp")
}

/// Whether `dist/public` is what these sources make.
fn is_current(workspace: &Workspace) -> Result<bool> {
    let sources = stamp::of_sources(workspace, &SOURCES, &[])?;
    Ok(stamp::holds(&stamp_file(workspace), &sources) && is_whole(workspace))
}

/// Builds the browser's files, whatever is there already.
///
/// # Errors
/// When a build step fails.
pub fn build(workspace: &Workspace) -> Result<()> {
    let sources = stamp::of_sources(workspace, &SOURCES, &[])?;
    let stamp = stamp_file(workspace);
    stamp::forget(&stamp);
    let built = widget::build(workspace)?;
    files::publish(workspace, &built)?;
    stamp::keep(&stamp, &sources)
}

/// Reads the manifest of the last build.
///
/// # Errors
/// When there is none.
pub fn manifest(workspace: &Workspace) -> Result<Manifest> {
    let path = workspace.public().join("manifest.json");
    let text = fs::read(&path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&text).with_context(|| path.display().to_string())
}

/// Writes a JSON file below `dist/public`.
///
/// # Errors
/// When it cannot be written.
pub fn write_public(workspace: &Workspace, path: &str, value: &impl Serialize) -> Result<()> {
    let place = workspace.public().join(path.trim_start_matches('/'));
    files::write(&place, &files::json(value)?)
}

/// Whether everything that the manifest names is there.
fn is_whole(workspace: &Workspace) -> bool {
    let there = |path: &str| {
        workspace
            .public()
            .join(path.trim_start_matches('/'))
            .is_file()
    };
    manifest(workspace).is_ok_and(|manifest| {
        manifest.assets().all(|asset| there(&asset.path))
            && [
                "oriel.js",
                TYPES_PATH,
                "_headers",
                DESCRIPTION_PATH,
                RELEASES_PATH,
            ]
            .into_iter()
            .all(there)
    })
}

/// Flags under which a build says nothing about the machine that made it: panic messages hold source paths.
pub fn portable_rustflags(workspace: &Workspace) -> OsString {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .unwrap_or_default();
    let mut flags = std::env::var_os("RUSTFLAGS").unwrap_or_default();
    // Of several that fit, the last one counts. Crates lie in a folder named after where they were fetched from.
    let mut renamed = vec![
        (workspace.root().to_path_buf(), "oriel"),
        (home.clone(), "cargo"),
    ];
    let fetched = fs::read_dir(home.join("registry/src"))
        .into_iter()
        .flatten()
        .flatten();
    renamed.extend(fetched.map(|folder| (folder.path(), "crates")));
    for (from, to) in renamed {
        if from.as_os_str().is_empty() {
            continue;
        }
        if !flags.is_empty() {
            flags.push(" ");
        }
        flags.push("--remap-path-prefix=");
        flags.push(&from);
        flags.push("=");
        flags.push(to);
    }
    flags
}

/// Makes a wasm file as small as it gets, and strips what only a debugger reads. `beyond` names what the program uses
/// beyond rustc's own.
///
/// # Errors
/// When `wasm-opt` fails.
pub fn optimise(
    workspace: &Workspace,
    step: &Step,
    from: &Path,
    to: &Path,
    beyond: &[&str],
    more: &[&str],
) -> Result<()> {
    let smallest = [
        "-Oz",
        "--strip-debug",
        "--strip-producers",
        "--strip-target-features",
    ];
    let arguments = [&smallest, more].concat();
    wasm_opt(workspace, step, from, to, beyond, &arguments).map(drop)
}

/// Runs `wasm-opt` on a wasm file and returns what it has to say. `beyond` as in [`optimise`].
///
/// # Errors
/// When it fails.
pub fn wasm_opt(
    workspace: &Workspace,
    step: &Step,
    from: &Path,
    to: &Path,
    beyond: &[&str],
    arguments: &[&str],
) -> Result<String> {
    let half_made = to.with_extension("half-made");
    let mut wasm_opt = node::program(workspace, "wasm-opt")?;
    // What rustc 1.95 emits for wasm32-unknown-unknown and every runtime of ours has; named one by one, so that a
    // newer binaryen does not use a newer encoding.
    let of_rustc = [
        "bulk-memory",
        "bulk-memory-opt",
        "call-indirect-overlong",
        "multivalue",
        "mutable-globals",
        "nontrapping-float-to-int",
        "reference-types",
        "sign-ext",
    ];
    for feature in of_rustc.iter().chain(beyond) {
        wasm_opt.arg(format!("--enable-{feature}"));
    }
    wasm_opt.args(arguments).arg(from).arg("-o").arg(&half_made);
    let said = command::run(step, &wasm_opt)?;
    fs::rename(&half_made, to).with_context(|| to.display().to_string())?;
    Ok(said)
}
