//! Writes what goes with a release and is not served: what it is made of, and what it weighs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{sbom, sizes};
use xtask::build;
use xtask::workspace::Workspace;

/// Writes `dist/sbom.cdx.json` and `dist/SIZES.md`. Sizes are compared with the manifest in `since`, else with the newest
/// release that is kept, if there is one.
///
/// # Errors
/// When something cannot be read or written.
pub fn write(
    workspace: &Workspace,
    since: Option<&Path>,
    newest_kept: Option<&Value>,
) -> Result<()> {
    let manifest = serde_json::to_value(build::manifest(workspace)?)?;
    let before = match since {
        Some(file) => {
            let text = fs::read(file).with_context(|| file.display().to_string())?;
            Some(serde_json::from_slice(&text).with_context(|| file.display().to_string())?)
        }
        None => newest_kept.cloned(),
    };
    let entry = sizes::entry(&manifest, before.as_ref())?;
    let bill = sbom::make(workspace, &manifest)?;
    for (name, text) in [("SIZES.md", entry.into_bytes()), ("sbom.cdx.json", bill)] {
        let place = workspace.join("dist").join(name);
        fs::write(&place, text).with_context(|| place.display().to_string())?;
    }
    println!("dist/SIZES.md and dist/sbom.cdx.json are written");
    Ok(())
}
