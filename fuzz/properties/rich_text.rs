//! Whatever is written, rich text is a small tree of allowed nodes with safe links, and grows no faster than its
//! source.

use oriel_shared::text::markdown::blocks;

#[path = "tree.rs"]
mod tree;

/// Panics when the property does not hold for `input`.
pub fn hold(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    tree::hold(&text, &blocks(&text));
}
