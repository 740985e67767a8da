//! What things weigh and what they may weigh.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};
use oriel_shared::wire::embed::Manifest;

use super::{packed, worker};
use crate::workspace::Workspace;

const KIB: u64 = 1_024;

/// The script that every host page pays for, brotli.
const LOADER: u64 = 2 * KIB;
/// Loader, panel, script, program, styles and the longest language together, brotli: not the rest of the page's API nor the
/// list of conversations, which come when something needs them.
const TO_OPEN: u64 = 44 * KIB;
/// The worker, gzip, decimal megabyte as the platform counts.
const WORKER: u64 = 1_000_000;

/// One line of the table.
pub struct Size {
    what: &'static str,
    bytes: u64,
    packed: u64,
    packing: &'static str,
    budget: Option<u64>,
}

/// Weighs the last build.
///
/// # Errors
/// When there is none.
pub fn weigh(workspace: &Workspace) -> Result<Vec<Size>> {
    let manifest = super::manifest(workspace)?;
    let Manifest {
        loader,
        panel,
        page_api,
        frame_script: script,
        frame_list: list,
        frame_wasm: wasm,
        frame_style: style,
        ..
    } = &manifest;
    // A visitor reads one language.
    let words = manifest.locales.iter().map(|locale| &locale.words);
    let words = words
        .max_by_key(|words| words.brotli)
        .context("the manifest names no language")?;
    let brotli = |what, bytes, packed, budget| Size {
        what,
        bytes,
        packed,
        packing: "brotli",
        budget,
    };
    let all = [loader, panel, script, wasm, style, words];
    let mut sizes = vec![brotli("loader", loader.bytes, loader.brotli, Some(LOADER))];
    for (what, asset) in [
        ("panel", panel),
        ("page api", page_api),
        ("frame script", script),
        ("conversations", list),
        ("frame wasm", wasm),
        ("frame styles", style),
        ("frame words", words),
    ] {
        sizes.push(brotli(what, asset.bytes, asset.brotli, None));
    }
    sizes.push(brotli(
        "all to open",
        all.iter().map(|asset| asset.bytes).sum(),
        all.iter().map(|asset| asset.brotli).sum(),
        Some(TO_OPEN),
    ));
    let (mut bytes, mut packed) = (0, 0);
    for file in worker::uploaded(workspace) {
        let content = fs::read(&file).with_context(|| file.display().to_string())?;
        bytes += content.len() as u64;
        packed += packed::gzip(&content)?;
    }
    sizes.push(Size {
        what: "worker",
        bytes,
        packed,
        packing: "gzip",
        budget: Some(WORKER),
    });
    Ok(sizes)
}

/// The sizes as people read them.
pub fn table(sizes: &[Size]) -> String {
    let mut text = format!("{:<14}{:>10}{:>18}{:>11}", "", "bytes", "packed", "budget");
    for size in sizes {
        let packed = format!("{} {}", size.packed, size.packing);
        let budget = size
            .budget
            .map_or_else(String::new, |budget| budget.to_string());
        let _cannot_fail = write!(
            text,
            "\n{:<14}{:>10}{packed:>18}{budget:>11}",
            size.what, size.bytes
        );
    }
    text
}

/// Fails when something is over its budget, and names all that is.
///
/// # Errors
/// When something is over its budget.
pub fn check(sizes: &[Size]) -> Result<()> {
    let over: Vec<String> = sizes
        .iter()
        .filter_map(|size| {
            let budget = size.budget.filter(|budget| size.packed > *budget)?;
            Some(format!(
                "{}: {} bytes {}, {} over the budget of {budget}",
                size.what,
                size.packed,
                size.packing,
                size.packed - budget
            ))
        })
        .collect();
    if over.is_empty() {
        return Ok(());
    }
    bail!(
        "too large (xtask/src/build/sizes.rs):\n  {}",
        over.join("\n  ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(what: &'static str, packed: u64, budget: Option<u64>) -> Size {
        Size {
            what,
            bytes: packed * 2,
            packed,
            packing: "brotli",
            budget,
        }
    }

    #[test]
    fn a_size_at_its_budget_passes_and_one_byte_more_fails() {
        assert!(check(&[size("loader", LOADER, Some(LOADER))]).is_ok());
        let error = check(&[size("loader", LOADER + 1, Some(LOADER))])
            .err()
            .map(|e| e.to_string());
        assert!(error.is_some_and(|error| error.contains("loader: 2049 bytes brotli, 1 over")));
    }

    #[test]
    fn everything_over_is_named_and_what_has_no_budget_is_not() {
        let sizes = [
            size("a", 2, Some(1)),
            size("b", 9, None),
            size("c", 4, Some(1)),
            size("d", 1, Some(1)),
        ];
        let error = check(&sizes)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        assert!(error.contains("a: 2") && error.contains("c: 4"), "{error}");
        assert!(!error.contains("b: ") && !error.contains("d: "), "{error}");
    }

    #[test]
    fn the_table_has_a_line_for_each_size() {
        let text = table(&[size("loader", 7, Some(9)), size("worker", 8, None)]);
        assert_eq!(text.lines().count(), 3);
        assert!(text.contains("loader") && text.contains("7 brotli") && text.contains('9'));
    }
}
