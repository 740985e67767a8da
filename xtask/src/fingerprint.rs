//! Remembers what an artifact was made from, so that nothing is made twice.
//!
//! By content and not by time: a fresh clone, a branch switched there and back, and a file touched for nothing all
//! give the right answer.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

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

/// A file beside an artifact that says what the artifact was made from.
pub struct Record {
    file: PathBuf,
    inputs: String,
}

impl Record {
    /// The record in this file, held against the inputs as they are now.
    pub fn new(file: PathBuf, inputs: String) -> Self {
        Self { file, inputs }
    }

    /// Whether the artifact was made from these inputs.
    pub fn holds(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|recorded| recorded == self.inputs)
    }

    /// Records that the artifact was made.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fs::write(&self.file, &self.inputs).with_context(|| self.file.display().to_string())
    }

    /// Removes the record before the artifact is made anew, so that an incomplete one is never taken for complete.
    pub fn remove(&self) {
        let _was_not_there = fs::remove_file(&self.file);
    }
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
