//! `cargo xtask bundle`: what a build needs before it is published: a bill of materials, a signature, the files of
//! earlier releases, and a way to check a deployment from outside.
//!
//! `dist/public` is what the edge serves; beside it, `dist/sbom.cdx.json` says what the release is made of, and
//! `dist/SIZES.md` what it weighs beside the one before. Nothing here changes what a build makes.

mod advisories;
mod documents;
#[cfg(test)]
mod duplicates;
mod fetch;
mod history;
mod sbom;
mod signature;
mod sizes;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use xtask::build::{self, Budgets};
use xtask::command;
use xtask::workspace::Workspace;

/// Build, hold the sizes to their budgets, write the bill of materials, and sign the manifest.
#[derive(Parser)]
#[command(name = "cargo xtask bundle", bin_name = "cargo xtask bundle")]
struct Options {
    /// Build nothing; check that the edge at this address serves what the manifest says, file by file.
    #[arg(long, value_name = "URL", conflicts_with_all = ["keep", "since", "twice", "new_key"])]
    verify: Option<String>,
    /// With --verify: the manifest to hold the edge to [default: that of the last build here].
    #[arg(long, value_name = "FILE", requires = "verify")]
    manifest: Option<PathBuf>,
    /// With --verify: the key that the served manifest must be signed with [default: $ORIEL_MANIFEST_PUBLIC_KEY].
    #[arg(long, value_name = "KEY", requires = "verify")]
    public_key: Option<String>,
    /// Go on serving the files of the releases that the edge at this address has.
    #[arg(long, value_name = "URL")]
    keep: Option<String>,
    /// The manifest of an earlier release to compare the sizes with [default: the newest one kept].
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Build a second time in another folder, and fail when one byte differs.
    #[arg(long)]
    twice: bool,
    /// Build nothing; make a pair of keys to sign manifests with, and print it.
    #[arg(long, conflicts_with_all = ["keep", "since", "twice"])]
    new_key: bool,
    /// Build nothing; hold every dependency against the known advisories in testdata/advisories.
    #[arg(long, conflicts_with_all = ["keep", "since", "twice", "verify", "new_key"])]
    advisories: bool,
}

fn main() -> ExitCode {
    command::run_task(|| {
        run(&Workspace::find()?, &Options::parse())?;
        Ok(ExitCode::SUCCESS)
    })
}

fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.new_key {
        println!("{}", signature::new_pair()?);
        return Ok(());
    }
    if options.advisories {
        return advisories::check(workspace, &mut std::io::stdout());
    }
    if let Some(edge) = &options.verify {
        let manifest = match &options.manifest {
            Some(file) => file.clone(),
            None => workspace.public().join("manifest.json"),
        };
        return verify::run(edge, &manifest, options.public_key.as_deref());
    }
    build::run(workspace, Budgets::Enforced)?;
    let kept = match &options.keep {
        Some(edge) => history::keep(workspace, edge)?,
        None => Vec::new(),
    };
    documents::write(workspace, options.since.as_deref(), kept.first())?;
    signature::sign_manifest(workspace)?;
    if options.twice {
        build::reproducible::check_from_nothing(workspace)?;
        println!("a second build in another folder made the same bytes");
    }
    Ok(())
}
