//! How large files are once packed. Node does it: its brotli and zlib are the ones that edges run, and it is here already.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::command;
use crate::progress::Step;
use crate::setup::node;
use crate::workspace::Workspace;

/// How a file is packed on its way.
#[derive(Clone, Copy)]
pub enum Packing {
    /// Quality 11, as edges serve immutable files.
    Brotli,
    /// As the platform counts the upload of a worker.
    Gzip,
}

const SCRIPT: &str = "
    const { readFileSync } = require('node:fs');
    const { brotliCompressSync, gzipSync } = require('node:zlib');
    const [packing, ...files] = process.argv.slice(1);
    const pack = packing === 'brotli' ? brotliCompressSync : (bytes) => gzipSync(bytes, { level: 9 });
    for (const file of files) console.log(pack(readFileSync(file)).length);
";

/// The packed size of each file, in their order.
///
/// # Errors
/// When Node fails, or a file cannot be read.
pub fn sizes(
    workspace: &Workspace,
    step: &Step,
    packing: Packing,
    files: &[PathBuf],
) -> Result<Vec<u64>> {
    let mut node = node::program(workspace, "node")?;
    node.args(["--eval", SCRIPT, "--"]);
    node.arg(match packing {
        Packing::Brotli => "brotli",
        Packing::Gzip => "gzip",
    });
    node.args(files.iter().map(Path::new));
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
