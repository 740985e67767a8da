//! Shows that what browsers are served depends on the sources alone: builds it again in a folder of another name and
//! compares every byte.
//!
//! The second folder stays, so that its dependencies and its standard library are compiled once, and sources that were
//! compared already are not compared again. `wasm-opt` does not run on input that it had before.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::build;
use crate::fingerprint::{self, Record};
use crate::workspace::Workspace;

/// What is not a source, below the top folder.
const MADE: [&str; 7] = [
    ".git",
    ".oriel",
    "dist",
    "fuzz/target",
    "node_modules",
    "target",
    "worker/build",
];

/// Builds the browser's files once more and compares them with `dist/public`, unless that was done for these sources. What
/// earlier releases left there, and a signature, are no part of a build.
///
/// # Errors
/// When a build fails or a file differs; the files are named.
pub fn check(workspace: &Workspace) -> Result<()> {
    let second = second(workspace);
    let sources = fingerprint::of_sources(workspace, &build::SOURCES, &[])?;
    let compared = Record::new(workspace.scratch().join("second/compared"), sources);
    if compared.holds() && compare(workspace, &second).is_ok() {
        return Ok(());
    }
    compared.remove();
    copy_sources(workspace, second.root())?;
    link(&workspace.optimised(), &second.optimised())?;
    build_and_compare(workspace, &second)?;
    compared.write()
}

/// Compares for a release: nothing is kept from an earlier time, and `wasm-opt` runs again.
///
/// # Errors
/// As [`check`].
pub fn check_from_nothing(workspace: &Workspace) -> Result<()> {
    let second = second(workspace);
    if second.root().exists() {
        fs::remove_dir_all(second.root()).with_context(|| second.root().display().to_string())?;
    }
    copy_sources(workspace, second.root())?;
    build_and_compare(workspace, &second)
}

/// At another depth and with a longer name than ours: a path that is left in a file would show.
fn second(workspace: &Workspace) -> Workspace {
    Workspace::at(
        &workspace
            .scratch()
            .join("second/the-same-sources-in-another-folder"),
    )
}

fn build_and_compare(workspace: &Workspace, second: &Workspace) -> Result<()> {
    // The tools are the same: pinned, and not what is looked at here.
    link(
        &workspace.join("node_modules"),
        &second.join("node_modules"),
    )?;
    build::browsers_files(second)?;
    compare(workspace, second)
}

fn link(to: &Path, from: &Path) -> Result<()> {
    if let Some(folder) = from.parent() {
        fs::create_dir_all(folder)?;
    }
    if !from.exists() {
        std::os::unix::fs::symlink(to, from).with_context(|| from.display().to_string())?;
    }
    Ok(())
}

/// Makes a folder hold exactly our sources. Files that are the same keep their times, by which cargo knows them.
fn copy_sources(workspace: &Workspace, to: &Path) -> Result<()> {
    let below = |root: &Path| -> Result<Vec<PathBuf>> {
        let made: Vec<PathBuf> = MADE.iter().map(|name| root.join(name)).collect();
        let mut files = Vec::new();
        fingerprint::collect(root, &made, &mut files)?;
        Ok(files)
    };
    for copy in below(to)? {
        if !workspace.root().join(copy.strip_prefix(to)?).is_file() {
            fs::remove_file(&copy).with_context(|| copy.display().to_string())?;
        }
    }
    for file in below(workspace.root())? {
        let copy = to.join(file.strip_prefix(workspace.root())?);
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        if fs::read(&copy).is_ok_and(|before| before == bytes) {
            continue;
        }
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&copy, bytes).with_context(|| copy.display().to_string())?;
    }
    Ok(())
}

fn compare(first: &Workspace, second: &Workspace) -> Result<()> {
    let manifest = build::manifest(first)?;
    let named = manifest.assets().map(|asset| asset.path.clone());
    let mut different = Vec::new();
    for path in named.chain(["/oriel.js".to_owned(), "/manifest.json".to_owned()]) {
        let [ours, other] =
            [first, second].map(|of| of.public().join(path.trim_start_matches('/')));
        let ours = fs::read(&ours).with_context(|| ours.display().to_string())?;
        if fs::read(&other).map_or(true, |other| other != ours) {
            different.push(path);
        }
    }
    ensure!(
        different.is_empty(),
        "a second build made other bytes: {}",
        different.join(", ")
    );
    Ok(())
}
