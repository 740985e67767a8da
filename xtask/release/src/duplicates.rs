//! Crates that are compiled in two versions, by name. A new one costs every first start and may cost the visitor bytes: it
//! comes in knowingly, with what would let it go.

use std::collections::BTreeMap;

use anyhow::Result;
use rustsec::Lockfile;
use xtask::workspace::Workspace;

const KNOWN: [(&str, &[&str]); 5] = [
    // jwt-compact and minisign are on the generation before that of aes-gcm and tungstenite; their next releases end it.
    (
        "two generations of RustCrypto",
        &[
            "block-buffer",
            "cipher",
            "cpufeatures",
            "crypto-common",
            "digest",
            "inout",
            "rand_core",
        ],
    ),
    // Macros; nothing of them is shipped.
    (
        "syn 2 in some macros, syn 3 in others",
        &["syn", "synstructure"],
    ),
    (
        "wasm-bindgen-cli-support 0.2.130 asks for base64 0.22",
        &["base64"],
    ),
    (
        "ring and wasmparser ask for the version before",
        &["getrandom", "hashbrown"],
    ),
    ("not on any system of ours", &["windows-sys"]),
];

#[test]
fn a_crate_is_compiled_in_one_version_unless_it_is_known_why_not() -> Result<()> {
    let lockfile = Lockfile::load(Workspace::find()?.join("Cargo.lock"))?;
    let mut versions: BTreeMap<&str, usize> = BTreeMap::new();
    for package in &lockfile.packages {
        *versions.entry(package.name.as_str()).or_default() += 1;
    }
    let mut twice: Vec<&str> = versions
        .iter()
        .filter(|(_, n)| **n > 1)
        .map(|(name, _)| *name)
        .collect();
    let mut known: Vec<&str> = KNOWN
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    twice.sort_unstable();
    known.sort_unstable();
    assert_eq!(
        twice, known,
        "what is twice in Cargo.lock, and what is known to be"
    );
    Ok(())
}
