//! Builds the frame's program, script and styles, and the loader.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::files::File;
use super::glue;
use super::locales::{self, Language};
use super::wasm::{self, Kind, Optimisation};
use crate::progress::Step;
use crate::setup::node;
use crate::workspace::Workspace;
use crate::{command, digest};

/// What the build may use of the language: the loader meets the oldest browsers, the frame needs wasm anyway.
const LOADER_TARGET: &str = "es2020";
const FRAME_TARGET: &str = "es2022";

/// The format of what the loader loads: a module can be run on pages that require trusted types.
const MODULE: &str = "esm";

/// What makes this program smaller, packed, than what all programs get; found by trying.
const SMALLER: [&str; 2] = ["--converge", "--always-inline-max-function-size=4"];

/// What the program offers to `boot.ts`.
const EXPORTED: [&str; 2] = ["dispatch", "start"];

/// The files of one build.
pub struct Built {
    /// The script on the host page.
    pub loader: File,
    /// What it fetches with the first intent.
    pub panel: File,
    /// What that one fetches when something needs it.
    pub page_api: File,
    /// The types of that API.
    pub types: Vec<u8>,
    /// The frame's script.
    pub script: File,
    /// What that one fetches when the visitor wants to see their conversations.
    pub list: File,
    /// The frame's program.
    pub wasm: File,
    /// The frame's styles.
    pub style: File,
    /// The widget's languages.
    pub locales: Vec<Language>,
}

/// Makes them of the compiled widget.
///
/// # Errors
/// When a step fails.
pub fn build(workspace: &Workspace, step: &Step, kind: Kind) -> Result<Built> {
    let scratch = workspace.scratch().join("widget");
    fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    let locales = locales::read(&workspace.join("widget/locales"))?;
    let package = scratch.join("pkg");
    let compiled = wasm::compiled(workspace, kind, &wasm::WIDGET);
    wasm::bind(&compiled, &package, |bindgen| {
        bindgen.out_name("oriel_widget").bundler(true)?;
        Ok(())
    })?;
    let wasm_file = scratch.join("frame.wasm");
    let bound = package.join("oriel_widget_bg.wasm");
    let named = package.join("oriel_widget_named.wasm");
    let is_shipped = kind == Kind::Release;
    let optimisation = Optimisation {
        from: &bound,
        to: if is_shipped { &named } else { &wasm_file },
        arguments: &[glue::PASS],
    };
    let names = wasm::optimise(workspace, step, &optimisation)?;
    if is_shipped {
        let optimisation = Optimisation {
            from: &named,
            to: &wasm_file,
            arguments: &[wasm::SMALLEST.as_slice(), &SMALLER].concat(),
        };
        wasm::optimise(workspace, step, &optimisation)?;
    }
    let wasm = File::new("frame", "wasm", read(&wasm_file)?);
    let glue = package.join("glue.js");
    let bindings = fs::read_to_string(package.join("oriel_widget_bg.js"))?;
    let script = glue::Names::read(&names)?.script(&EXPORTED, &bindings);
    fs::write(&glue, script)?;

    let words: BTreeMap<_, _> = locales.iter().map(|its| (&its.tag, &its.list)).collect();
    let mut list = frame_script(workspace, "conversations")?;
    list.arg(format!("--define:WORDS={}", serde_json::to_string(&words)?));
    let list = esbuild(step, list, &scratch.join("conversations.js"))?;
    let list = File::new("conversations", "js", list);

    let mut boot = frame_script(workspace, "boot")?;
    boot.args(defines(&pin("LIST", &list)))
        // Where it is served, and not a file of this build's.
        .arg("--external:/assets/*")
        .arg(format!("--alias:oriel-glue={}", glue.display()))
        .arg(format!("--define:WASM_PATH=\"{}\"", wasm.path()))
        .arg(format!(
            "--define:WASM_INTEGRITY=\"{}\"",
            digest::integrity(&wasm.bytes)
        ));
    let script = esbuild(step, boot, &scratch.join("frame.js"))?;

    // On the host page, each script pins the next one.
    let words: BTreeMap<_, _> = locales.iter().map(|its| (&its.tag, &its.page)).collect();
    let words = [("PAGE_WORDS".to_owned(), serde_json::to_string(&words)?)];
    let page_api = host_script(workspace, step, ("api", "api", MODULE), &words)?;
    let panel = host_script(
        workspace,
        step,
        ("panel", "panel", MODULE),
        &pin("API", &page_api),
    )?;
    let loader = host_script(
        workspace,
        step,
        ("loader", "oriel", "iife"),
        &pin("PANEL", &panel),
    )?;

    let sheet = scratch.join("styles.css");
    fs::write(&sheet, styles(&workspace.join("widget/styles"))?)?;
    let mut style = node::program(workspace, "esbuild")?;
    style
        .arg(&sheet)
        .args(["--minify", "--legal-comments=none"])
        .arg(format!("--target={FRAME_TARGET}"));
    let style = esbuild(step, style, &scratch.join("frame.css"))?;

    Ok(Built {
        loader,
        panel,
        page_api,
        types: read(&workspace.join("widget/loader/oriel.d.ts"))?,
        script: File::new("frame", "js", script),
        list,
        wasm,
        style: File::new("frame", "css", style),
        locales,
    })
}

/// Makes one of the scripts of the frame, by the name of its source.
fn frame_script(workspace: &Workspace, source: &str) -> Result<std::process::Command> {
    let mut script = node::program(workspace, "esbuild")?;
    script
        .arg(workspace.join(&format!("widget/{source}.ts")))
        .args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--legal-comments=none",
        ])
        .arg(format!("--target={FRAME_TARGET}"));
    Ok(script)
}

/// Path and integrity of a script as constants of the one that loads it.
fn pin(name: &str, file: &File) -> [(String, String); 2] {
    let quoted = |text: &str| format!("\"{text}\"");
    let integrity = digest::short_integrity(&file.bytes);
    [
        (format!("{name}_PATH"), quoted(&file.path())),
        (format!("{name}_INTEGRITY"), quoted(&integrity)),
    ]
}

/// Constants as the bundler takes them.
fn defines(constants: &[(String, String)]) -> impl Iterator<Item = String> {
    constants
        .iter()
        .map(|(name, value)| format!("--define:{name}={value}"))
}

/// One of the scripts of the host page, by the names of its source and of its file, and its format, with what the build
/// writes into it.
fn host_script(
    workspace: &Workspace,
    step: &Step,
    (source, name, format): (&str, &'static str, &str),
    constants: &[(String, String)],
) -> Result<File> {
    let mut script = node::program(workspace, "esbuild")?;
    script
        .arg(workspace.join(&format!("widget/loader/{source}.ts")))
        .args(["--bundle", "--minify", "--legal-comments=none"])
        .arg(format!("--format={format}"))
        .arg(format!("--target={LOADER_TARGET}"));
    script.args(defines(constants));
    let to = workspace.scratch().join(format!("widget/{name}.js"));
    Ok(File::new(name, "js", esbuild(step, script, &to)?))
}

fn esbuild(step: &Step, mut command: std::process::Command, to: &Path) -> Result<Vec<u8>> {
    command
        .arg("--charset=utf8")
        .arg("--log-level=warning")
        .arg(format!("--outfile={}", to.display()));
    command::run(step, &command)?;
    read(to)
}

/// All sheets of the folder in the order of their names.
fn styles(folder: &Path) -> Result<String> {
    let mut sheets = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "css") {
            sheets.push(path);
        }
    }
    sheets.sort();
    let texts: Result<Vec<String>> = sheets
        .iter()
        .map(|path| fs::read_to_string(path).with_context(|| path.display().to_string()))
        .collect();
    Ok(texts?.join("\n"))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}
