//! Tools that cargo builds, at exact versions, in the workspace's own folder.
//!
//! They move together with `worker`, `wasm-bindgen` and `compatibility_date`.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{command, progress};

/// They run for a second in each build, and each new machine compiles them once: not worth optimising in full.
const QUICKLY: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
];

struct Tool {
    krate: &'static str,
    version: &'static str,
    locked: bool,
    minutes: u32,
}

const TOOLS: [Tool; 2] = [
    // Not `--locked`: the lock file that 0.2.130 was published with does not build. Drop when a release's does.
    Tool {
        krate: "wasm-bindgen-cli",
        version: "0.2.130",
        locked: false,
        minutes: 4,
    },
    Tool {
        krate: "worker-build",
        version: "0.8.7",
        locked: true,
        minutes: 6,
    },
];

/// Installs what is missing.
///
/// # Errors
/// When cargo cannot build one.
pub fn all(workspace: &Workspace) -> Result<()> {
    let installed = fs::read_to_string(workspace.tools().join(".crates.toml")).unwrap_or_default();
    for tool in &TOOLS {
        if !is_installed(&installed, tool) {
            install(workspace, tool)?;
        }
    }
    Ok(())
}

/// Whether cargo's own list of what it installed names exactly this version.
fn is_installed(list: &str, tool: &Tool) -> bool {
    list.contains(&format!("\"{} {} (", tool.krate, tool.version))
}

fn install(workspace: &Workspace, tool: &Tool) -> Result<()> {
    let Tool {
        krate,
        version,
        locked,
        minutes,
    } = tool;
    let step = progress::step(format!(
        "install {krate} {version}, once, about {minutes} minutes"
    ));
    let mut cargo = command::program("cargo");
    cargo
        .args(["install", krate, "--version", version, "--force", "--root"])
        .arg(workspace.tools());
    // A folder of its own: the workspace's flags and profiles mean nothing to it.
    cargo
        .arg("--target-dir")
        .arg(workspace.join("target/tools-build"));
    cargo
        .current_dir(workspace.root())
        .env_remove("RUSTFLAGS")
        .envs(QUICKLY);
    if *locked {
        cargo.arg("--locked");
    }
    command::run(&step, &cargo).with_context(|| {
        format!("{krate} {version} could not be installed; it needs the network and a C compiler")
    })?;
    step.done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_version_counts_as_installed() {
        let list = "[v1]\n\"worker-build 0.8.7 (registry+https://example)\" = [\"worker-build\"]\n";
        let tool = |version| Tool {
            krate: "worker-build",
            version,
            locked: true,
            minutes: 1,
        };
        assert!(is_installed(list, &tool("0.8.7")));
        assert!(!is_installed(list, &tool("0.8.70")));
        assert!(!is_installed(list, &tool("0.8")));
        assert!(!is_installed("", &tool("0.8.7")));
    }
}
