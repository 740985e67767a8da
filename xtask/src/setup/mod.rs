//! Makes the machine ready: what is missing is installed, what is there is left alone.
//!
//! Needed beforehand: Rust with rustup, Node with npm (any version that runs `npm ci`), and a C compiler.

pub mod chromium;
pub mod node;
pub mod rust;
mod tools;

use anyhow::Result;

use crate::workspace::Workspace;

/// What every build needs. Quick when it is all there.
///
/// # Errors
/// A sentence that says what could not be installed, and the end of what the installer wrote.
pub fn for_builds(workspace: &Workspace) -> Result<()> {
    rust::wasm_target(workspace)?;
    rust::std_source(workspace)?;
    node::packages(workspace)?;
    tools::all(workspace)
}

/// What the checks need beyond that.
///
/// # Errors
/// As [`for_builds`].
pub fn for_checks(workspace: &Workspace) -> Result<()> {
    rust::components(workspace)
}
