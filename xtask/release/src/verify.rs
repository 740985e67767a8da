//! Holds a deployed edge to a manifest: every file is there, with exactly its bytes, and served as pinned files are.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::fetch::Edge;
use crate::history::{self, Named};
use crate::signature;
use xtask::build::{RELEASES_PATH, SIGNATURE_PATH};
use xtask::digest;

/// `cargo xtask bundle --verify URL`. Prints a line for each thing that was looked at.
///
/// # Errors
/// When one of them is not as it should be; all were looked at then.
pub fn run(address: &str, manifest_file: &Path, public_key: Option<&str>) -> Result<()> {
    let edge = Edge::at(address)?;
    let text = fs::read(manifest_file).with_context(|| {
        format!(
            "{}: build first, or name a manifest with --manifest",
            manifest_file.display()
        )
    })?;
    let expected: Value =
        serde_json::from_slice(&text).with_context(|| manifest_file.display().to_string())?;
    let key = public_key
        .map(str::to_owned)
        .or_else(|| std::env::var(signature::PUBLIC).ok())
        .filter(|key| !key.trim().is_empty());

    let mut wrong = 0;
    let mut n_looked_at = 0;
    let mut say = |what: &str, outcome: Result<()>| {
        n_looked_at += 1;
        match outcome {
            Ok(()) => println!("ok     {what}"),
            Err(error) => {
                wrong += 1;
                println!("WRONG  {what}: {error:#}");
            }
        }
    };
    say("/manifest.json", manifest(&edge, &expected));
    match &key {
        Some(key) => say(SIGNATURE_PATH, signed(&edge, key)),
        None => println!("–      {SIGNATURE_PATH}: not checked, no public key was given"),
    }
    for named in history::files(&expected)? {
        say(&named.path, file(&edge, &named));
        if named.what == "loader" {
            say("/oriel.js", rolling(&edge, &named));
        }
    }
    say(RELEASES_PATH, releases(&edge, &expected));
    if wrong > 0 {
        bail!("{wrong} of {n_looked_at} are not what the manifest says");
    }
    println!("{n_looked_at} looked at, all as the manifest says");
    Ok(())
}

fn manifest(edge: &Edge, expected: &Value) -> Result<()> {
    let served = edge.get("/manifest.json")?;
    let served: Value = serde_json::from_slice(&served.bytes).context("no JSON")?;
    if served == *expected {
        return Ok(());
    }
    let version = |manifest: &Value| manifest["version"].as_str().unwrap_or("?").to_owned();
    bail!(
        "another one, of version {}; expected {}",
        version(&served),
        version(expected)
    )
}

fn signed(edge: &Edge, key: &str) -> Result<()> {
    let manifest = edge.get("/manifest.json")?;
    let signature = edge.get(SIGNATURE_PATH)?;
    signature::check(key, &manifest.bytes, &signature.bytes)
}

fn file(edge: &Edge, named: &Named) -> Result<()> {
    let served = edge.get(&named.path)?;
    same_bytes(&served.bytes, named)?;
    for (header, part) in [
        ("cache-control", "immutable"),
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        let value = served.header(header);
        if !value.contains(part) {
            bail!("{header} is {value:?}, without {part:?}");
        }
    }
    Ok(())
}

fn rolling(edge: &Edge, loader: &Named) -> Result<()> {
    same_bytes(&edge.get("/oriel.js")?.bytes, loader)
}

fn same_bytes(bytes: &[u8], named: &Named) -> Result<()> {
    let integrity = digest::integrity(bytes);
    if integrity != named.integrity {
        bail!("its digest is {integrity}, not {}", named.integrity);
    }
    Ok(())
}

/// The files of every release that is listed are there, unchanged; this one is listed.
fn releases(edge: &Edge, expected: &Value) -> Result<()> {
    let list = history::of_edge(edge)?;
    if !list.releases.contains(expected) {
        bail!("this release is not listed");
    }
    for manifest in &list.releases {
        for named in history::files(manifest)? {
            let served = edge.get(&named.path)?;
            same_bytes(&served.bytes, &named).with_context(|| named.path.clone())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
