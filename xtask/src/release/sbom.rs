//! A software bill of materials (CycloneDX 1.5, JSON): the files of the bundle with their digests, and every crate that
//! is compiled into the worker or the widget, with version, licence, checksum and what it needs.
//!
//! From `cargo metadata` for the wasm target, normal dependencies only: what builds, tests or macros need does not
//! travel. Nothing of npm does either; those are tools. No date and no random serial number: the same sources make the
//! same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use cyclonedx_bom::external_models::normalized_string::NormalizedString;
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::Bom;
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata as About;
use cyclonedx_bom::prelude::{SpecVersion, Validate};
use serde_json::Value;

use super::history;
use crate::setup::rust::WASM;
use crate::workspace::Workspace;

/// What is deployed.
const SHIPPED: [&str; 2] = ["oriel-worker", "oriel-widget"];

/// The bill, as JSON.
///
/// # Errors
/// When `cargo metadata` fails, or the bill would not be valid.
pub fn make(workspace: &Workspace, manifest: &Value) -> Result<Vec<u8>> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.join("Cargo.toml"))
        .other_options([
            "--locked".to_owned(),
            "--filter-platform".to_owned(),
            WASM.to_owned(),
        ])
        .exec()
        .context("cargo metadata")?;
    let checksums = checksums(&workspace.join("Cargo.lock"))?;
    let bill = bill(&metadata, &checksums, manifest)?;
    let checked = bill.validate_version(SpecVersion::V1_5);
    if !checked.passed() {
        bail!("the bill of materials is not valid: {checked:?}");
    }
    let mut text = Vec::new();
    bill.output_as_json_v1_5(&mut text)
        .map_err(|error| anyhow!("{error}"))?;
    text.push(b'\n');
    Ok(text)
}

/// SHA-256 of each crate's archive, by name and version, as the lock file pins them.
fn checksums(lock_file: &Path) -> Result<BTreeMap<(String, String), String>> {
    let text = fs::read_to_string(lock_file).with_context(|| lock_file.display().to_string())?;
    Ok(text
        .split("[[package]]")
        .filter_map(|package| {
            let value = |name: &str| {
                package
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))
                    .map(|value| value.trim_matches('"').to_owned())
            };
            Some(((value("name")?, value("version")?), value("checksum")?))
        })
        .collect())
}

fn bill(
    metadata: &Metadata,
    checksums: &BTreeMap<(String, String), String>,
    manifest: &Value,
) -> Result<Bom> {
    let packages: BTreeMap<&PackageId, &Package> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package))
        .collect();
    let needs = needs(metadata)?;

    let mut open: Vec<&PackageId> = packages
        .values()
        .filter(|package| SHIPPED.contains(&package.name.as_str()))
        .map(|package| &package.id)
        .collect();
    if open.len() != SHIPPED.len() {
        bail!("{SHIPPED:?} are not all in the workspace");
    }
    let roots: Vec<String> = open.iter().map(|id| reference(packages[id])).collect();
    let mut inside = BTreeSet::new();
    while let Some(id) = open.pop() {
        if inside.insert(id) {
            open.extend(needs.get(id).into_iter().flatten());
        }
    }

    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for id in inside {
        let package = packages[id];
        components.push(library(package, checksums)?);
        let mut dependencies_of_it: Vec<String> = needs
            .get(id)
            .into_iter()
            .flatten()
            .map(|id| reference(packages[id]))
            .collect();
        dependencies_of_it.sort();
        dependencies.push(Dependency {
            dependency_ref: reference(package),
            dependencies: dependencies_of_it,
        });
    }
    for file in history::files(manifest)? {
        components.push(served_file(&file)?);
    }
    components.sort_by(|a, b| a.bom_ref.cmp(&b.bom_ref));
    dependencies.sort_by(|a, b| a.dependency_ref.cmp(&b.dependency_ref));

    let version = manifest["version"].as_str().unwrap_or_default();
    let itself = Component::new(
        Classification::Application,
        "oriel",
        version,
        Some("oriel".to_owned()),
    );
    dependencies.push(Dependency {
        dependency_ref: "oriel".to_owned(),
        dependencies: roots,
    });
    Ok(Bom {
        metadata: Some(About {
            component: Some(itself),
            ..About::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        spec_version: SpecVersion::V1_5,
        serial_number: None,
        ..Bom::default()
    })
}

/// Who is compiled in for whom.
fn needs(metadata: &Metadata) -> Result<BTreeMap<&PackageId, Vec<&PackageId>>> {
    let resolve = metadata
        .resolve
        .as_ref()
        .context("cargo metadata resolved nothing")?;
    let is_macro: BTreeSet<&PackageId> = metadata
        .packages
        .iter()
        .filter(|package| package.targets.iter().any(|target| target.is_proc_macro()))
        .map(|package| &package.id)
        .collect();
    Ok(resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node
                .deps
                .iter()
                .filter(|dependency| {
                    dependency
                        .dep_kinds
                        .iter()
                        .any(|kind| kind.kind == DependencyKind::Normal)
                })
                .map(|dependency| &dependency.pkg)
                .filter(|id| !is_macro.contains(id))
                .collect();
            (&node.id, normal)
        })
        .collect())
}

fn reference(package: &Package) -> String {
    format!("{}@{}", package.name, package.version)
}

fn library(package: &Package, checksums: &BTreeMap<(String, String), String>) -> Result<Component> {
    let version = package.version.to_string();
    let mut component = Component::new(
        Classification::Library,
        package.name.as_str(),
        &version,
        Some(reference(package)),
    );
    let purl = Purl::new("cargo", package.name.as_str(), &version)
        .map_err(|error| anyhow!("{}: {error}", package.name))?;
    component.purl = Some(purl);
    component.description = package
        .description
        .as_deref()
        .map(|text| NormalizedString::new(text.trim()));
    component.licenses = package.license.as_deref().map(|license| {
        // The slash is cargo's old way of saying OR.
        Licenses(vec![LicenseChoice::expression(
            &license.replace('/', " OR "),
        )])
    });
    component.hashes = checksums
        .get(&(package.name.to_string(), version))
        .map(|checksum| hashes(HashAlgorithm::SHA_256, checksum.clone()));
    Ok(component)
}

fn served_file(file: &history::Named) -> Result<Component> {
    let digest = file
        .integrity
        .strip_prefix("sha384-")
        .and_then(|digest| BASE64_STANDARD.decode(digest).ok())
        .with_context(|| format!("{}: no SHA-384", file.path))?;
    let hex = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut component = Component::new(
        Classification::File,
        &file.path,
        "",
        Some(file.path.clone()),
    );
    component.version = None;
    component.hashes = Some(hashes(HashAlgorithm::SHA_384, hex));
    Ok(component)
}

fn hashes(alg: HashAlgorithm, hex: String) -> Hashes {
    Hashes(vec![Hash {
        alg,
        content: HashValue(hex),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Two files and the graph of this very workspace.
    #[test]
    fn the_bill_names_what_is_compiled_in_and_nothing_else() -> Result<()> {
        let workspace = Workspace::find()?;
        let integrity = crate::digest::integrity(b"x");
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
