//! Builds `worker/build`: the worker's wasm, and `index.js`, which the runtime loads it through.
//!
//! Does what the program `worker-build` 0.8.7 of workers-rs does for a worker like this one, which is little once
//! wasm-bindgen is a library; that program itself takes minutes to compile on a new machine. `shim.js` is taken from
//! there as it is. It moves together with `worker`, `wasm-bindgen` and `compatibility_date`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::wasm::{self, Kind, Optimisation};
use crate::fingerprint::Record;
use crate::progress::{self, Step};
use crate::setup::node;
use crate::workspace::Workspace;
use crate::{command, fingerprint};

/// What the worker is made from. xtask's own part is how it is built.
const SOURCES: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "package-lock.json",
    "shared",
    "worker",
    "xtask/src/build/mod.rs",
    "xtask/src/build/shim.js",
    "xtask/src/build/wasm.rs",
    "xtask/src/build/worker.rs",
];

/// The files that are uploaded.
const UPLOADED: [&str; 2] = ["index_bg.wasm", "index.js"];

/// Makes the instance of the wasm, calls it, and makes a new one after a crash.
const SHIM: &str = include_str!("shim.js");

/// What `index.js` of wasm-bindgen exports for the shim and not for callers.
const OF_THE_SHIM: [&str; 2] = ["__wbg_reset_state", "__worker_init_state"];
/// Events of the platform: the handlers take the environment and the context beside what happened.
const EVENTS: [&str; 2] = ["fetch", "scheduled"];

/// Whether `worker/build` is what these sources make.
///
/// # Errors
/// When the sources cannot be read.
pub fn is_current(workspace: &Workspace, kind: Kind) -> Result<bool> {
    let files = uploaded(workspace);
    Ok(files.iter().all(|file| file.is_file()) && kind.serves(|kind| record(workspace, kind))?)
}

fn record(workspace: &Workspace, kind: Kind) -> Result<Record> {
    let sources = fingerprint::of_sources(workspace, &SOURCES, &["worker/build"])?;
    Ok(kind.record(workspace.worker_build().join(".oriel-inputs"), &sources))
}

/// Makes `worker/build` of the compiled worker.
///
/// # Errors
/// When a step fails.
pub fn finish(workspace: &Workspace, kind: Kind) -> Result<()> {
    let record = record(workspace, kind)?;
    record.remove();
    let step = progress::step("finish the worker");
    bind(workspace, &step, kind)?;
    if kind == Kind::Release {
        let wasm = workspace.worker_build().join("index_bg.wasm");
        // wasm-bindgen catches crashes with exceptions, to start over with fresh memory.
        let arguments = [&["--enable-exception-handling"], wasm::SMALLEST.as_slice()].concat();
        let optimisation = Optimisation {
            from: &wasm,
            to: &wasm,
            arguments: &arguments,
        };
        wasm::optimise(workspace, &step, &optimisation)?;
    }
    record.write()?;
    step.done();
    Ok(())
}

/// Builds what is shipped, but without `wasm-opt`, which strips the names of functions: for a profile. It is not current
/// afterwards; the next build makes it so.
///
/// # Errors
/// When a step fails.
pub fn build_with_names(workspace: &Workspace) -> Result<()> {
    record(workspace, Kind::Release)?.remove();
    let step = progress::step("build the worker with names");
    wasm::compile_for_release(workspace, &step, &wasm::WORKER)?;
    bind(workspace, &step, Kind::Release)?;
    step.done();
    Ok(())
}

/// `index.js` and `index_bg.wasm`.
fn bind(workspace: &Workspace, step: &Step, kind: Kind) -> Result<()> {
    let folder = workspace.scratch().join("worker");
    let compiled = wasm::compiled(workspace, kind, &wasm::WORKER);
    wasm::bind(&compiled, &folder, |bindgen| {
        bindgen.out_name("index").module(true)?;
        bindgen
            .reset_state_function(true)
            .force_enable_abort_handler(true);
        Ok(())
    })?;
    let bindings = fs::read_to_string(folder.join("index.js"))?;
    fs::write(folder.join("shim.js"), shim(&bindings))?;

    let built = workspace.worker_build();
    fs::create_dir_all(&built).with_context(|| built.display().to_string())?;
    let script = built.join("index.js");
    let mut esbuild = node::program(workspace, "esbuild")?;
    esbuild
        .args([
            "./shim.js",
            "--bundle",
            "--minify",
            "--format=esm",
            "--log-level=warning",
        ])
        .args(["--external:./index_bg.wasm", "--external:cloudflare:*"])
        .arg(format!("--outfile={}", script.display()))
        .current_dir(&folder);
    command::run(step, &esbuild)?;
    // The runtime takes a module of wasm by a plain import.
    let text = fs::read_to_string(&script)?.replace("import source ", "import ");
    fs::write(&script, text)?;
    fs::copy(folder.join("index_bg.wasm"), built.join("index_bg.wasm"))?;
    Ok(())
}

/// The shim with a handler for every exported function, and every exported class behind its proxy.
fn shim(bindings: &str) -> String {
    let exported = |keyword: &'static str| {
        bindings.lines().filter_map(move |line| {
            let name = line.strip_prefix("export ")?.strip_prefix(keyword)?;
            Some(
                name.split(['(', '{', ' '])
                    .find(|name| !name.is_empty())?
                    .to_owned(),
            )
        })
    };
    let handlers: String = exported("function ")
        .filter(|name| !OF_THE_SHIM.contains(&name.as_str()))
        .map(|name| {
            if EVENTS.contains(&name.as_str()) {
                format!(
                    "Entrypoint.prototype.{name} = function (event) {{\n  \
                     return exports.{name}.call(this, event, this.env, this.ctx);\n}};\n"
                )
            } else {
                format!("Entrypoint.prototype.{name} = exports.{name};\n")
            }
        })
        .collect();
    let classes: String = exported("class ")
        .map(|name| format!("export const {name} = new Proxy(exports.{name}, classProxyHooks);\n"))
        .collect();
    SHIM.replace("$HANDLERS", &handlers) + &classes
}

/// The files that are uploaded.
pub fn uploaded(workspace: &Workspace) -> Vec<PathBuf> {
    UPLOADED
        .iter()
        .map(|file| Path::new(&workspace.worker_build()).join(file))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::shim;

    #[test]
    fn the_shim_calls_what_the_bindings_export_and_wraps_their_classes() {
        let shim = shim(
            "export class Visitor {\n}\nexport function __wbg_reset_state () {\n}\nexport function fetch(req, env, ctx) {\n}\n\
             export function crash_answer() {\n}\nfunction inner() {\n}\n",
        );
        for part in [
            "Entrypoint.prototype.fetch = function (event) {\n  return exports.fetch.call(this, event, this.env, this.ctx);",
            "Entrypoint.prototype.crash_answer = exports.crash_answer;",
            "export const Visitor = new Proxy(exports.Visitor, classProxyHooks);",
        ] {
            assert!(shim.contains(part), "{part} in {shim}");
        }
        assert!(!shim.contains("prototype.__wbg_reset_state") && !shim.contains("inner"));
        assert!(!shim.contains("$HANDLERS"));
    }
}
