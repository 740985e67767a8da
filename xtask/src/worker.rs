//! Builds the edge: `worker-build`, then `wasm-opt`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::progress::Step;
use crate::setup::{node, rust};
use crate::workspace::Workspace;
use crate::{bundle, command, progress, stamp};

/// What the worker is made from. xtask's own part is this file: how it is built is part of what it is.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "package-lock.json",
    "shared",
    "worker",
    "xtask/src/worker.rs",
];

/// The files that are uploaded.
const UPLOADED: [&str; 2] = ["index_bg.wasm", "index.js"];

fn stamp_file(workspace: &Workspace) -> PathBuf {
    workspace.worker_build().join(".oriel-stamp")
}

fn sources(workspace: &Workspace) -> Result<String> {
    stamp::of_sources(workspace, &SOURCES, &["worker/build"])
}

/// Whether `worker/build` is what these sources make.
///
/// # Errors
/// When the sources cannot be read.
pub fn is_current(workspace: &Workspace) -> Result<bool> {
    let whole = UPLOADED
        .iter()
        .all(|file| workspace.worker_build().join(file).is_file());
    Ok(whole && stamp::holds(&stamp_file(workspace), &sources(workspace)?))
}

/// Builds `worker/build`.
///
/// # Errors
/// When a build step fails.
pub fn build(workspace: &Workspace) -> Result<()> {
    let sources = sources(workspace)?;
    let stamp = stamp_file(workspace);
    stamp::forget(&stamp);
    let step = progress::step("build the worker");
    compile(workspace, &step)?;
    let wasm = workspace.worker_build().join("index_bg.wasm");
    // wasm-bindgen catches crashes with it, to start over with fresh memory.
    bundle::optimise(
        workspace,
        &step,
        &wasm,
        &wasm,
        &["exception-handling"],
        &bundle::SMALLER,
    )?;
    stamp::keep(&stamp, &sources)?;
    step.done();
    Ok(())
}

/// Builds `worker/build` without the last pass, which strips the names of functions: for a profile. Not current
/// afterwards; the next build makes it so.
///
/// # Errors
/// When a build step fails.
pub fn build_with_names(workspace: &Workspace) -> Result<()> {
    stamp::forget(&stamp_file(workspace));
    let step = progress::step("build the worker with names");
    compile(workspace, &step)?;
    step.done();
    Ok(())
}

fn compile(workspace: &Workspace, step: &Step) -> Result<()> {
    let mut flags = bundle::portable_rustflags(workspace);
    flags.push(" --remap-path-prefix=");
    flags.push(rust::source(workspace)?);
    flags.push("=rust");
    // Where a panic is told by file and line; columns alone would keep lines apart that pack as one.
    flags.push(" -Zlocation-detail=file,line");
    let mut worker_build = command::program(workspace.tool("worker-build"));
    worker_build
        // Its own optimiser pass keeps the names of all functions; ours follows.
        .args(["--release", "--no-opt"])
        .current_dir(workspace.join("worker"))
        .env("CARGO_TARGET_DIR", workspace.cargo_target())
        .env("RUSTFLAGS", flags)
        // The standard library built for size, as the widget's (decision 14); panics keep their words here.
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
        .env("RUSTC_BOOTSTRAP", "1")
        // Named, so that it downloads nothing.
        .env("WASM_BINDGEN_BIN", workspace.tool("wasm-bindgen"))
        .env("ESBUILD_BIN", workspace.node_tool("esbuild"))
        .env("WASM_OPT_BIN", workspace.node_tool("wasm-opt"));
    command::run(step, &node::with_node(workspace, worker_build)?)
        .map(drop)
        .context("the worker did not build")
}

/// Size of the upload: each file gzipped, as the platform counts.
///
/// # Errors
/// When a file is missing.
pub fn gzip_size(workspace: &Workspace) -> Result<(u64, u64)> {
    let (mut bytes, mut gzip) = (0, 0);
    for file in UPLOADED {
        let path = workspace.worker_build().join(file);
        let content = fs::read(&path).with_context(|| path.display().to_string())?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&content)?;
        bytes += content.len() as u64;
        gzip += encoder.finish()?.len() as u64;
    }
    Ok((bytes, gzip))
}
