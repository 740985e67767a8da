//! Shows that a build depends on its sources alone: builds them again in a folder of another name, from nothing, and
//! compares every byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{bundle, stamp};

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

/// Builds the browser's files once more and compares them with `dist/public`. What earlier releases left there, and
/// a signature, are no part of a build.
///
/// # Errors
/// When a build fails or a file differs; the files are named.
pub fn run(workspace: &Workspace) -> Result<()> {
    let place = tempfile::Builder::new()
        .prefix("oriel-second-build-")
        .tempdir()?;
    // A name that is longer than ours: a path that is left in a file would change its length.
    let root = place.path().join("the-same-sources-in-another-folder");
    let mut sources = Vec::new();
    let made: Vec<_> = MADE.iter().map(|name| workspace.join(name)).collect();
    stamp::collect(workspace.root(), &made, &mut sources)?;
    for file in &sources {
        let copy = root.join(file.strip_prefix(workspace.root())?);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(file, &copy).with_context(|| file.display().to_string())?;
    }
    // The tools are the same: pinned, and not what is looked at here.
    let second = Workspace::at(&root);
    fs::create_dir_all(second.cargo_target())?;
    symlink(&workspace.join("node_modules"), &root.join("node_modules"))?;
    symlink(&workspace.tools(), &second.tools())?;

    bundle::build(&second)?;
    let manifest = serde_json::to_value(bundle::manifest(workspace)?)?;
    let mut ours = BTreeMap::new();
    for path in super::history::files(&manifest)?
        .into_iter()
        .map(|file| file.path)
        .chain(["/oriel.js".to_owned(), "/manifest.json".to_owned()])
    {
        let file = workspace.public().join(path.trim_start_matches('/'));
        ours.insert(
            path,
            fs::read(&file).with_context(|| file.display().to_string())?,
        );
    }
    let different: Vec<&str> = ours
        .iter()
        .filter(|(path, bytes)| {
            fs::read(second.public().join(path.trim_start_matches('/')))
                .map_or(true, |other| other != **bytes)
        })
        .map(|(path, _)| path.as_str())
        .collect();
    if !different.is_empty() {
        bail!("a second build made other bytes: {}", different.join(", "));
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(to: &Path, from: &Path) -> Result<()> {
    std::os::unix::fs::symlink(to, from).with_context(|| from.display().to_string())
}
