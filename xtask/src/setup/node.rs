//! Tools from npm: a Node of our own, wrangler, esbuild, wasm-opt, and the judges that the tests ask (`tests/tools/`).
//! Pinned by package-lock.json, hash by hash.
//!
//! No install script runs (`.npmrc`): none of these needs one, and the ones that fetch things would go round the lock
//! file. That is why the platform's Node is named as `node-linux-…` and not through the package `node`, whose
//! install script fetches it. Platforms without such an entry use the Node in `PATH`.

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::fingerprint::Record;
use crate::workspace::Workspace;
use crate::{command, fingerprint, progress};

/// What decides which packages there are.
const SOURCES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// What npm needs to install the tools. They run on the Node that is pinned, where there is one.
const OLDEST_FOR_NPM: (u32, u32) = (20, 0);
/// What wrangler needs, where no Node is pinned: on macOS.
const OLDEST_FOR_WRANGLER: (u32, u32) = (22, 12);

/// Runs `npm ci` unless that was done for this very lock file.
///
/// # Errors
/// When npm is missing or fails.
pub fn packages(workspace: &Workspace) -> Result<()> {
    let sources = fingerprint::of_sources(workspace, &SOURCES, &[])?;
    // Inside, so that it goes when somebody removes the folder.
    let record = Record::new(workspace.join("node_modules/.oriel-inputs"), sources);
    if record.holds() {
        return Ok(());
    }
    if command::which("npm").is_none() {
        bail!("npm is missing; install Node.js with npm, then try again");
    }
    check_own_node(OLDEST_FOR_NPM)?;
    let step = progress::step("npm ci");
    let mut npm = command::program("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(workspace.root());
    command::run(&step, &npm)
        .context("the tools of package.json could not be installed; npm needs the network once")?;
    if !workspace.node_tool("node").exists() {
        check_own_node(OLDEST_FOR_WRANGLER)?;
    }
    record.write()?;
    step.done();
    Ok(())
}

/// Whether the Node in `PATH` is new enough.
fn check_own_node(oldest: (u32, u32)) -> Result<()> {
    let version = command::output(command::program("node").arg("--version"))
        .context("Node.js is missing; install it with npm, then try again")?;
    let version = version.trim();
    if !is_new_enough(version, oldest) {
        bail!(
            "Node.js {version} is too old: {}.{} or newer is needed here",
            oldest.0,
            oldest.1
        );
    }
    Ok(())
}

/// Whether `v24.1.0` or the like is at least this version.
fn is_new_enough(version: &str, oldest: (u32, u32)) -> bool {
    let mut parts = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse().ok());
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= oldest
}

/// A program from `node_modules`, run by our own Node, with everything that makes such tools ask or report switched off.
pub fn program(workspace: &Workspace, name: &str) -> Result<Command> {
    with_node(workspace, command::program(workspace.node_tool(name)))
}

/// `wrangler` without the launcher in front of it, which would only add a second Node.
pub fn wrangler(workspace: &Workspace) -> Result<Command> {
    let node = workspace.node_tool("node");
    let mut wrangler = command::program(if node.is_file() {
        node.into_os_string()
    } else {
        "node".into()
    });
    wrangler
        .arg("--no-warnings")
        .arg(workspace.join("node_modules/wrangler/wrangler-dist/cli.js"))
        .current_dir(workspace.root())
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_SEND_ERROR_REPORTS", "false")
        .env("WRANGLER_WRITE_LOGS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("WRANGLER_NO_SKILLS_UPDATE_PROMPTS", "true")
        // It would keep a trace of every request in a database of its own: a third of the time of a request.
        .env("X_LOCAL_OBSERVABILITY", "false")
        .env("X_LOCAL_EXPLORER", "false")
        // Where a visitor seems to be is made up locally; nothing is fetched for it.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
        .env("CI", "true")
        .env("NO_COLOR", "1");
    with_node(workspace, wrangler)
}

/// Puts our tools first in the `PATH` of a command: their scripts say `env node`.
///
/// # Errors
/// When `PATH` cannot be extended.
pub fn with_node(workspace: &Workspace, mut command: Command) -> Result<Command> {
    let mut folders = vec![workspace.join("node_modules/.bin")];
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    let path: OsString = std::env::join_paths(folders).context("PATH cannot be extended")?;
    command.env("PATH", path);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Not published for every version by the time of the pin, so the lock file names them without a hash. They are
    /// skipped where they do not fit; npm checks the registry's own hash where they do.
    const WITHOUT_HASH: [&str; 3] = [
        "workerd-darwin-64",
        "workerd-darwin-arm64",
        "workerd-windows-64",
    ];

    #[test]
    fn the_lock_file_pins_every_package_by_hash_and_names_no_host() {
        let text = include_str!("../../../package-lock.json");
        assert!(
            !text.contains("\"resolved\""),
            "a host in the lock file ties everybody to it"
        );
        let lock: Value = serde_json::from_str(text).unwrap_or_default();
        let packages = lock["packages"].as_object().cloned().unwrap_or_default();
        assert!(packages.len() > 10);
        for (name, package) in packages.iter().filter(|(name, _)| !name.is_empty()) {
            let excused = WITHOUT_HASH.iter().any(|known| name.ends_with(known));
            assert!(
                excused || package["integrity"].is_string(),
                "{name} has no hash"
            );
        }
    }

    #[test]
    fn an_old_node_is_told_from_a_new_one() {
        for (version, expected) in [
            ("v24.21.0", true),
            ("v22.12.0", true),
            ("v22.11.9", false),
            ("v9.99.0", false),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version, (22, 12)), expected, "{version}");
        }
    }

    #[test]
    fn the_documentation_names_the_versions_of_node_that_are_asked_for() {
        let lock: Value =
            serde_json::from_str(include_str!("../../../package-lock.json")).unwrap_or_default();
        let (major, minor) = OLDEST_FOR_WRANGLER;
        let asked_for = &lock["packages"]["node_modules/wrangler"]["engines"]["node"];
        assert_eq!(*asked_for, format!(">={major}.{minor}.0"));
        for (page, text) in [
            ("README.md", include_str!("../../../README.md")),
            (
                "docs/development.md",
                include_str!("../../../docs/development.md"),
            ),
        ] {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for version in [
                format!("{} or newer", OLDEST_FOR_NPM.0),
                format!("{major}.{minor} or newer"),
            ] {
                assert!(text.contains(&version), "{page} does not say {version}");
            }
        }
    }

    #[test]
    fn every_version_in_package_json_is_exact() {
        let package: Value =
            serde_json::from_str(include_str!("../../../package.json")).unwrap_or_default();
        assert_eq!(
            package.get("dependencies"),
            None,
            "tools only: no application code"
        );
        let mut n_pins = 0;
        for kind in ["devDependencies", "optionalDependencies"] {
            for (name, version) in package[kind].as_object().into_iter().flatten() {
                let version = version.as_str().unwrap_or_default();
                let exact = version.split('.').count() == 3
                    && version.split('.').all(|part| part.parse::<u64>().is_ok());
                assert!(exact, "{name} {version}");
                n_pins += 1;
            }
        }
        assert!(n_pins > 0);
    }
}
