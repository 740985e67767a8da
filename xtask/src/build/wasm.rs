//! From Rust to wasm that JavaScript can run: `cargo`, `wasm-bindgen` as a library, and `wasm-opt`.
//!
//! There are two kinds of build. What is shipped is compiled for size as a whole, with a standard library of its own
//! (decision 14), and goes through `wasm-opt`. What `cargo xtask dev` serves behaves the same and is ready in a fraction
//! of the time: one `cargo build` for both programs, with the standard library as rustup delivers it, hardly optimised.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::fingerprint::Record;
use crate::progress::Step;
use crate::setup::{node, rust};
use crate::workspace::Workspace;
use crate::{command, digest};

/// For whom a build is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For the one who works on it: soon.
    Dev,
    /// For visitors, and for the tests: small, and the same bytes on every machine.
    Release,
}

impl Kind {
    /// The record of a build of this kind.
    pub fn record(self, file: PathBuf, sources: &str) -> Record {
        Record::new(
            file,
            match self {
                Self::Dev => format!("dev {sources}"),
                Self::Release => sources.to_owned(),
            },
        )
    }

    /// Whether one of the records says that there is a build for this purpose: what is shipped serves development, too.
    ///
    /// # Errors
    /// When a record cannot be made.
    pub fn serves(self, record: impl Fn(Self) -> Result<Record>) -> Result<bool> {
        Ok(record(Self::Release)?.holds() || (self == Self::Dev && record(self)?.holds()))
    }
}

/// What each of the two programs needs beyond what they share.
pub struct Program {
    /// Its package.
    pub package: &'static str,
    /// The file that cargo makes of it.
    pub file: &'static str,
    /// Features of the standard library.
    pub std_features: &'static str,
    /// Flags for rustc when it is shipped.
    pub release_flags: &'static str,
}

/// The worker. Where it panicked is told by file and line; columns alone would keep lines apart that pack as one.
pub const WORKER: Program = Program {
    package: "oriel-worker",
    file: "oriel_worker.wasm",
    std_features: "optimize_for_size",
    release_flags: " -Zlocation-detail=file,line",
};

/// The widget. Nobody reads the words of a panic in a visitor's browser. The linker's stack of 1 MiB would be memory of
/// every visitor's page; the deepest calls here are those for rich text, a dozen levels. The stack lies below everything
/// else, so what is too deep traps and overwrites nothing.
pub const WIDGET: Program = Program {
    package: "oriel-widget",
    file: "oriel_widget.wasm",
    std_features: "optimize_for_size",
    release_flags: " -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none \
                    -Clink-arg=-zstack-size=131072",
};

/// Settings of cargo's `dev` profile for wasm that is served on this machine. It is this profile and not one of its own
/// because macros and build scripts are then the ones that xtask itself was compiled with. Unoptimised wasm would be
/// too slow to chat with, and has functions with more variables than runtimes accept.
const DEV_PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_DEV_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_DEV_DEBUG", "false"),
    // What is shipped has neither.
    ("CARGO_PROFILE_DEV_DEBUG_ASSERTIONS", "false"),
    ("CARGO_PROFILE_DEV_OVERFLOW_CHECKS", "false"),
];

/// Compiles both programs for [`Kind::Dev`].
///
/// # Errors
/// When they do not compile.
pub fn compile_for_dev(workspace: &Workspace, step: &Step) -> Result<()> {
    let mut cargo = cargo_build(workspace, &[&WORKER, &WIDGET]);
    cargo.envs(DEV_PROFILE);
    command::run(step, &cargo).map(drop)
}

/// Compiles one program for [`Kind::Release`].
///
/// # Errors
/// When it does not compile.
pub fn compile_for_release(workspace: &Workspace, step: &Step, program: &Program) -> Result<()> {
    let mut flags = portable_rustflags(workspace)?;
    flags.push(program.release_flags);
    let mut cargo = cargo_build(workspace, &[program]);
    cargo
        .arg("--release")
        .env("RUSTFLAGS", flags)
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", program.std_features)
        // Opens what is not stable in the pinned compiler, for this build alone.
        .env("RUSTC_BOOTSTRAP", "1");
    command::run(step, &cargo)
        .map(drop)
        .with_context(|| format!("{} did not compile", program.package))
}

fn cargo_build(workspace: &Workspace, programs: &[&Program]) -> std::process::Command {
    let mut cargo = command::program("cargo");
    cargo.args(["build", "--lib", "--target", rust::WASM]);
    for program in programs {
        cargo.args(["--package", program.package]);
    }
    cargo
        .current_dir(workspace.root())
        .env("CARGO_TARGET_DIR", workspace.cargo_target())
        // As worker-build sets it: what wasm-bindgen's macros write for async functions is then in js-sys, and not in
        // another crate.
        .env("WASM_BINDGEN_USE_JS_SYS", "1");
    cargo
}

/// Where cargo puts a compiled program.
pub fn compiled(workspace: &Workspace, kind: Kind, program: &Program) -> PathBuf {
    let profile = match kind {
        Kind::Dev => "debug",
        Kind::Release => "release",
    };
    workspace
        .cargo_target()
        .join(rust::WASM)
        .join(profile)
        .join(program.file)
}

/// Writes the JavaScript that a program is called through, beside the program as that expects it, into an empty folder.
///
/// # Errors
/// When `wasm-bindgen` does not understand the program.
pub fn bind(
    from: &Path,
    to: &Path,
    configure: impl FnOnce(&mut Bindgen) -> Result<()>,
) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| to.display().to_string())?;
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(from)
        .typescript(false)
        .omit_default_module_path(false);
    configure(&mut bindgen)?;
    bindgen
        .generate(to)
        .with_context(|| format!("wasm-bindgen cannot bind {}", from.display()))
}

/// Flags under which a build says nothing about the machine that made it: panic messages hold source paths.
fn portable_rustflags(workspace: &Workspace) -> Result<OsString> {
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
    renamed.push((rust::source(workspace)?, "rust"));
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
    Ok(flags)
}

/// What `wasm-opt` does to a program that is shipped. Functions with one caller stay functions, for what looks alike packs
/// well: 1.3 KiB of the widget at the time, 3 of the worker.
pub const SMALLEST: [&str; 5] = [
    "-Oz",
    "--one-caller-inline-max-function-size=24",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// What rustc 1.95 emits for wasm32-unknown-unknown and every runtime of ours has; named one by one, so that a newer
/// binaryen does not use a newer encoding.
const FEATURES: [&str; 8] = [
    "bulk-memory",
    "bulk-memory-opt",
    "call-indirect-overlong",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
];

/// A run of `wasm-opt`.
pub struct Optimisation<'a> {
    /// The program as it is.
    pub from: &'a Path,
    /// Where it is put; may be the same.
    pub to: &'a Path,
    /// Beside the features that every program has.
    pub arguments: &'a [&'a str],
}

/// Runs `wasm-opt` and returns what it says. What it made last for a file of this name is kept: the same input under the
/// same arguments is not worked on twice.
///
/// # Errors
/// When it fails.
pub fn optimise(
    workspace: &Workspace,
    step: &Step,
    optimisation: &Optimisation<'_>,
) -> Result<String> {
    let Optimisation {
        from,
        to,
        arguments,
    } = *optimisation;
    let tools = fs::read(workspace.join("package-lock.json"))?;
    let input = fs::read(from).with_context(|| from.display().to_string())?;
    let key = digest::sha256_hex(&[&tools, arguments.join(" ").as_bytes(), &input].concat());
    let name = to.file_name().context("a file has a name")?;
    let cache = workspace.optimised();
    let kept = cache.join(name);
    let said = kept.with_extension("txt");
    let record = Record::new(kept.with_extension("inputs"), key);
    if !record.holds() {
        record.remove();
        fs::create_dir_all(&cache).with_context(|| cache.display().to_string())?;
        let mut wasm_opt = node::program(workspace, "wasm-opt")?;
        wasm_opt.args(FEATURES.map(|feature| format!("--enable-{feature}")));
        wasm_opt.args(arguments).arg(from).arg("-o").arg(&kept);
        fs::write(&said, command::run(step, &wasm_opt)?)?;
        record.write()?;
    }
    fs::copy(&kept, to).with_context(|| to.display().to_string())?;
    Ok(fs::read_to_string(&said)?)
}
