//! Makes what browsers are served and what the edge runs.
//!
//! `dist/public` holds the loader under its rolling name and its pinned one, the frame's files, the manifest that names
//! them with their integrity, the types of the page's API, the description of the API, and `_headers`. A file is named
//! by the hash of its own final bytes, computed last. The same sources make the same bytes, whatever the day and the
//! folder. `worker/build` holds the worker.

mod files;
mod glue;
mod headers;
mod locales;
mod packed;
pub mod reproducible;
mod sizes;
mod wasm;
mod widget;
pub mod worker;

use std::fs;
use std::thread;

use anyhow::{Context, Result, anyhow};
use oriel_shared::wire::api::{DESCRIPTION_PATH, TYPES_PATH};
use oriel_shared::wire::embed::Manifest;

use crate::fingerprint::{self, Record};
use crate::progress;
use crate::setup::{node, rust};
use crate::workspace::Workspace;

pub use files::write_public;
pub use wasm::Kind;

/// What the browser's files are made from, the way of making included.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "package-lock.json",
    "shared",
    "widget",
    "xtask/src/build",
];

/// Where the list of all releases is served; a build begins it with itself.
pub const RELEASES_PATH: &str = "/releases.json";
/// Where the signature of the manifest is served.
pub const SIGNATURE_PATH: &str = "/manifest.json.minisig";

/// What a build does when something is over its budget.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Budgets {
    /// It prints the sizes.
    Shown,
    /// It fails.
    Enforced,
}

/// Builds what is shipped and shows what it weighs.
///
/// # Errors
/// When something cannot be set up or built, or, if so wished, is over its budget.
pub fn run(workspace: &Workspace, budgets: Budgets) -> Result<()> {
    everything(workspace, Kind::Release)?;
    let sizes = sizes::weigh(workspace)?;
    println!("{}", sizes::table(&sizes));
    match budgets {
        Budgets::Shown => Ok(()),
        Budgets::Enforced => sizes::check(&sizes),
    }
}

/// Sets up what is missing and builds what is not up to date: the browser's files and the worker.
///
/// # Errors
/// When something cannot be set up, or a build step fails.
pub fn everything(workspace: &Workspace, kind: Kind) -> Result<()> {
    rust::wasm_target(workspace)?;
    if kind == Kind::Release {
        rust::std_source(workspace)?;
    }
    if is_current(workspace, kind)? && worker::is_current(workspace, kind)? {
        return node::packages(workspace);
    }
    // Asked again under the lock: another process may have built while this one waited.
    let _one_at_a_time = fingerprint::lock(workspace)?;
    let widget_is_due = !is_current(workspace, kind)?;
    let worker_is_due = !worker::is_current(workspace, kind)?;
    thread::scope(|scope| {
        // Compiling needs no package of npm's, and what follows on the widget runs while the worker compiles.
        let packages = scope.spawn(|| node::packages(workspace));
        if kind == Kind::Dev && (widget_is_due || worker_is_due) {
            let step = progress::step("compile the widget and the worker for this machine");
            wasm::compile_for_dev(workspace, &step)?;
            step.done();
        } else if widget_is_due {
            compile(workspace, &wasm::WIDGET)?;
        }
        joined(packages)?;
        let widget = widget_is_due.then(|| scope.spawn(|| finish_widget(workspace, kind)));
        if worker_is_due {
            if kind == Kind::Release {
                compile(workspace, &wasm::WORKER)?;
            }
            worker::finish(workspace, kind)?;
        }
        widget.map_or(Ok(()), joined)
    })
}

fn joined(thread: thread::ScopedJoinHandle<'_, Result<()>>) -> Result<()> {
    thread
        .join()
        .unwrap_or_else(|_| Err(anyhow!("a thread of the build panicked")))
}

fn compile(workspace: &Workspace, program: &wasm::Program) -> Result<()> {
    let step = progress::step(format!("compile {}", program.package));
    wasm::compile_for_release(workspace, &step, program)?;
    step.done();
    Ok(())
}

fn record(workspace: &Workspace, kind: Kind) -> Result<Record> {
    let sources = fingerprint::of_sources(workspace, &SOURCES, &[])?;
    Ok(kind.record(workspace.join("dist/bundle.inputs"), &sources))
}

/// Whether `dist/public` is what these sources make.
fn is_current(workspace: &Workspace, kind: Kind) -> Result<bool> {
    Ok(kind.serves(|kind| record(workspace, kind))? && is_whole(workspace))
}

/// Builds the browser's files as they are shipped, whatever is there already.
///
/// # Errors
/// When a build step fails.
pub fn browsers_files(workspace: &Workspace) -> Result<()> {
    compile(workspace, &wasm::WIDGET)?;
    finish_widget(workspace, Kind::Release)
}

fn finish_widget(workspace: &Workspace, kind: Kind) -> Result<()> {
    let record = record(workspace, kind)?;
    record.remove();
    let step = progress::step("finish the widget");
    let built = widget::build(workspace, &step, kind)?;
    files::publish(workspace, &step, &built)?;
    step.done();
    record.write()
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
