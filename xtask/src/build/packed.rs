//! How large files are once packed.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::command;
use crate::progress::Step;
use crate::setup::node;
use crate::workspace::Workspace;

/// Node's brotli is the one that edges run, and it is here already.
const SCRIPT: &str = "
    const { readFileSync } = require('node:fs');
    const { brotliCompressSync } = require('node:zlib');
    for (const file of process.argv.slice(1)) console.log(brotliCompressSync(readFileSync(file)).length);
";

/// The size of each file as brotli, quality 11, as edges serve immutable files; in their order.
///
/// # Errors
/// When Node fails, or a file cannot be read.
pub fn brotli(workspace: &Workspace, step: &Step, files: &[PathBuf]) -> Result<Vec<u64>> {
    let mut node = node::program(workspace, "node")?;
    node.args(["--eval", SCRIPT, "--"]).args(files);
    let said = command::run(step, &node)?;
    let sizes: Vec<u64> = said
        .lines()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .context("Node printed something else than sizes")?;
    ensure!(
        sizes.len() == files.len(),
        "{} sizes of {} files",
        sizes.len(),
        files.len()
    );
    Ok(sizes)
}

/// The size of some bytes as gzip, as the platform counts the upload of a worker. Not by Node, whose zlib packs for speed.
///
/// # Errors
/// Never, in memory.
pub fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}
