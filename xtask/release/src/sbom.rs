//! A software bill of materials (CycloneDX 1.5, JSON): the files of the bundle with their digests, and every crate that
//! is compiled into the worker or the widget, with version, licence, checksum and what it needs.
//!
//! From `cargo metadata` for the wasm target, normal dependencies only: what builds, tests or macros need does not
//! travel. Nothing of npm does either; those are tools. No date and no random serial number: the same sources make the
//! same bytes. Source: <https://cyclonedx.org/docs/1.5/json/>.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustsec::Lockfile;
use serde_json::{Value, json};
use xtask::command;
use xtask::setup::rust::WASM;
use xtask::workspace::Workspace;

use crate::history;

/// What is deployed.
const SHIPPED: [&str; 2] = ["oriel-worker", "oriel-widget"];

/// The bill, as JSON.
///
/// # Errors
/// When `cargo metadata` fails, or does not name what is deployed.
pub fn make(workspace: &Workspace, manifest: &Value) -> Result<Vec<u8>> {
    let mut cargo = command::program("cargo");
    cargo
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            WASM,
        ])
        .current_dir(workspace.root());
    let metadata: Value = serde_json::from_str(&command::output(&mut cargo)?)?;
    let lockfile = Lockfile::load(workspace.join("Cargo.lock"))?;
    let mut text = serde_json::to_vec_pretty(&bill(&metadata, &lockfile, manifest)?)?;
    text.push(b'\n');
    Ok(text)
}

fn bill(metadata: &Value, lockfile: &Lockfile, manifest: &Value) -> Result<Value> {
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let is_macro = |id: &str| {
        list(&packages[id]["targets"])
            .any(|target| list(&target["kind"]).any(|kind| kind == "proc-macro"))
    };
    let needs = |id: &str| -> Vec<&str> {
        list(&nodes[id]["deps"])
            .filter(|dependency| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()))
            .filter_map(|dependency| dependency["pkg"].as_str())
            .filter(|id| !is_macro(id))
            .collect()
    };
    let roots: Vec<&str> = packages
        .iter()
        .filter(|(_, package)| SHIPPED.iter().any(|name| package["name"] == **name))
        .map(|(id, _)| *id)
        .collect();
    if roots.len() != SHIPPED.len() {
        bail!("{SHIPPED:?} are not all in the workspace");
    }
    let mut inside = BTreeSet::new();
    let mut open = roots.clone();
    while let Some(id) = open.pop() {
        if inside.insert(id) {
            open.extend(needs(id));
        }
    }
    let references = |ids: &[&str]| -> BTreeSet<String> {
        ids.iter().map(|id| reference(packages[id])).collect()
    };
    let mut components = BTreeMap::new();
    let mut dependencies = BTreeMap::from([("oriel".to_owned(), references(&roots))]);
    for id in inside {
        components.insert(reference(packages[id]), library(packages[id], lockfile));
        dependencies.insert(reference(packages[id]), references(&needs(id)));
    }
    for file in history::files(manifest)? {
        components.insert(file.path.clone(), served_file(&file)?);
    }
    let dependencies: Vec<Value> = dependencies
        .iter()
        .map(|(of, on)| json!({ "ref": of, "dependsOn": on }))
        .collect();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "type": "application", "bom-ref": "oriel", "name": "oriel", "version": manifest["version"],
        } },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies,
    }))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn by_id(all: &Value) -> BTreeMap<&str, &Value> {
    list(all)
        .filter_map(|one| Some((one["id"].as_str()?, one)))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn reference(package: &Value) -> String {
    format!("{}@{}", text(&package["name"]), text(&package["version"]))
}

fn library(package: &Value, lockfile: &Lockfile) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference(package),
        "name": package["name"],
        "version": package["version"],
        "purl": format!("pkg:cargo/{}", reference(package)),
    });
    if let Some(description) = package["description"].as_str() {
        component["description"] = description
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .into();
    }
    if let Some(licence) = package["license"].as_str() {
        // The slash is cargo's old way of saying OR.
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    let locked = lockfile.packages.iter().find(|locked| {
        locked.name.as_str() == text(&package["name"])
            && locked.version.to_string() == text(&package["version"])
    });
    if let Some(checksum) = locked.and_then(|locked| locked.checksum.as_ref()) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum.to_string() }]);
    }
    component
}

fn served_file(file: &history::Named) -> Result<Value> {
    let digest = file
        .integrity
        .strip_prefix("sha384-")
        .and_then(|digest| BASE64_STANDARD.decode(digest).ok())
        .with_context(|| format!("{}: no SHA-384", file.path))?;
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({
        "type": "file",
        "bom-ref": file.path,
        "name": file.path,
        "hashes": [{ "alg": "SHA-384", "content": hex }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Two files and the graph of this very workspace.
    #[test]
    fn the_bill_names_what_is_compiled_in_and_nothing_else() -> Result<()> {
        let workspace = Workspace::find()?;
        let integrity = xtask::digest::integrity(b"x");
        let manifest = json!({
            "version": "9.9.9",
            "loader": {"path": "/assets/oriel.0.js", "integrity": integrity},
        });
        let text = make(&workspace, &manifest)?;
        assert_eq!(text, make(&workspace, &manifest)?, "the same twice");
        let bill: Value = serde_json::from_slice(&text)?;
        assert_eq!(bill["bomFormat"], "CycloneDX");
        assert_eq!(bill["metadata"]["component"]["version"], "9.9.9");
        let components = bill["components"].as_array().cloned().unwrap_or_default();
        let named = |name: &str| {
            components
                .iter()
                .find(|component| component["name"] == name)
                .cloned()
        };
        let worker = named("worker").context("the runtime's crate is shipped")?;
        assert_eq!(worker["type"], "library");
        assert!(
            worker["hashes"][0]["content"]
                .as_str()
                .is_some_and(|hash| hash.len() == 64)
        );
        assert!(worker["licenses"][0]["expression"].is_string());
        let loader = named("/assets/oriel.0.js").context("files are listed")?;
        assert_eq!(loader["hashes"][0]["alg"], "SHA-384");
        // A build's tool, a test's, and a macro.
        for outside in ["clap", "tungstenite", "serde_derive", "xtask"] {
            assert!(named(outside).is_none(), "{outside}");
        }
        Ok(())
    }
}
