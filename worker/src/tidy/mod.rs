//! Habits of the sources that a machine can check: which room uses which ([`layers`]), how large things get ([`sizes`]),
//! whose rows a statement reads ([`tenants`]), who calls other hosts ([`ways_out`]), and that declared events are made
//! ([`webhooks`]).
//!
//! Sources are read as Rust's own tokens, so that comments, strings and line breaks do not matter and macros are read too.

mod layers;
mod sizes;
mod tenants;
mod ways_out;
mod webhooks;

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// A file of sources.
struct Source {
    /// Its path below the folder that was read, with slashes.
    name: String,
    text: String,
    tokens: Vec<TokenTree>,
}

/// Every Rust file of a folder of this workspace.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    let mut files = Vec::new();
    collect(&root, &mut files);
    let sources: Vec<Source> = files.iter().map(|file| read(&root, file)).collect();
    assert!(!sources.is_empty(), "no sources in {folder}");
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("an entry that can be read").path();
        let is_built = path.ends_with("target") || path.ends_with("node_modules");
        if path.is_dir() && !is_built {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, file: &Path) -> Source {
    let text =
        fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let tokens: TokenStream = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parts = file.strip_prefix(root).expect("a path below the folder");
    let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
    Source {
        name: parts.join("/"),
        text,
        tokens: tokens.into_iter().collect(),
    }
}

/// The name that a token is, if it is one.
fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// Whether a token is this sign.
fn is_punct(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}
