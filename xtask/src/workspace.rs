//! The paths in a checkout.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The checkout that we work in.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
    cargo_target: PathBuf,
}

impl Workspace {
    /// The checkout that this program was built from.
    ///
    /// # Errors
    /// When it has been moved away since.
    pub fn find() -> Result<Self> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = own.parent().context("xtask lies in no workspace")?;
        let root = root.canonicalize().with_context(|| {
            format!(
                "the workspace is not at {} any more; build xtask again",
                root.display()
            )
        })?;
        let cargo_target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |path| root.join(path));
        Ok(Self { root, cargo_target })
    }

    /// Another checkout of the same sources, with a target folder of its own.
    pub fn at(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            cargo_target: root.join("target"),
        }
    }

    /// The top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the top folder.
    pub fn join(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The folder that cargo builds into.
    pub fn cargo_target(&self) -> &Path {
        &self.cargo_target
    }

    /// A tool from `package.json`.
    pub fn node_tool(&self, name: &str) -> PathBuf {
        self.join("node_modules/.bin").join(name)
    }

    /// The folder for what a build makes on the way.
    pub fn scratch(&self) -> PathBuf {
        self.cargo_target.join("oriel")
    }

    /// The folder for what `wasm-opt` made last.
    pub fn optimised(&self) -> PathBuf {
        self.scratch().join("optimised")
    }

    /// The folder of files that browsers are served.
    pub fn public(&self) -> PathBuf {
        self.join("dist/public")
    }

    /// The folder of the worker that the edge runs.
    pub fn worker_build(&self) -> PathBuf {
        self.join("worker/build")
    }
}
