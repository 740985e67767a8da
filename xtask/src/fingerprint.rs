//! Remembers what an artifact was made from, so that nothing is made twice.
//!
//! By content and not by time: a fresh clone, a branch switched there and back, and a file touched for nothing all
//! give the right answer.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::build::Kind;
use crate::workspace::Workspace;

/// Hash of files and folders below the workspace's root, names and bytes. What is not there counts as not there.
///
/// # Errors
/// When something cannot be read.
pub fn of_sources(workspace: &Workspace, paths: &[&str], except: &[&str]) -> Result<String> {
    let except: Vec<PathBuf> = except.iter().map(|path| workspace.join(path)).collect();
    let mut files = Vec::new();
    for path in paths {
        collect(&workspace.join(path), &except, &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        let name = file.strip_prefix(workspace.root()).unwrap_or(&file);
        // Lengths in front, so that no two trees read the same.
        for part in [name.as_os_str().as_encoded_bytes(), &bytes] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    Ok(format!("{:x}", hash.finalize()))
}

/// The files below a path.
pub fn collect(path: &Path, except: &[PathBuf], files: &mut Vec<PathBuf>) -> Result<()> {
    if except.iter().any(|left_out| left_out == path) || !path.exists() {
        return Ok(());
    }
    if path.is_file() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| path.display().to_string())? {
        collect(&entry?.path(), except, files)?;
    }
    Ok(())
}

/// The record of what a build was made from, and for whom.
pub struct Stamp {
    file: PathBuf,
    sources: String,
}

impl Stamp {
    /// The record in a file, held against the hash of the sources as they are.
    pub fn new(file: PathBuf, sources: String) -> Self {
        Self { file, sources }
    }

    /// The hash of the sources.
    pub fn sources(&self) -> &str {
        &self.sources
    }

    fn value(&self, kind: Kind) -> String {
        match kind {
            Kind::Dev => format!("dev {}", self.sources),
            Kind::Release => self.sources.clone(),
        }
    }

    /// Whether the last build was made of these sources. What is shipped serves whoever works on it, too.
    pub fn holds(&self, kind: Kind) -> bool {
        holds(&self.file, &self.value(Kind::Release))
            || (kind == Kind::Dev && holds(&self.file, &self.value(kind)))
    }

    /// Remembers this build.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, kind: Kind) -> Result<()> {
        keep(&self.file, &self.value(kind))
    }

    /// Forgets: before a build, so that a half-made one is never taken for whole.
    pub fn forget(&self) {
        forget(&self.file);
    }
}

/// Whether the stamp says so.
pub fn holds(stamp: &Path, value: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|kept| kept == value)
}

/// Remembers.
///
/// # Errors
/// When it cannot be written.
pub fn keep(stamp: &Path, value: &str) -> Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    fs::write(stamp, value).with_context(|| stamp.display().to_string())
}

/// Forgets: before an artifact is made anew, so that a half-made one is never taken for whole.
pub fn forget(stamp: &Path) {
    let _was_not_there = fs::remove_file(stamp);
}

/// Held while this process makes artifacts; another one waits. Gone with the process, however it ends.
///
/// # Errors
/// When the file cannot be locked.
pub fn lock(workspace: &Workspace) -> Result<File> {
    // Beside what it protects, whichever folder cargo builds in.
    let folder = workspace.join("dist");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| path.display().to_string())?;
    if file.try_lock().is_err() {
        eprintln!("… waiting for another cargo xtask to finish building");
        file.lock().with_context(|| path.display().to_string())?;
    }
    Ok(file)
}
