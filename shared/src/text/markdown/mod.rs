//! Markdown to rich text, and rich text to plain text.
//!
//! Keeps true: what comes out holds allowed nodes only; links lead to `http`, `https`, `mailto` or `tel` addresses
//! without credentials, every other link becomes its words; raw HTML is never markup, images become their description;
//! nesting ends at [`MAX_DEPTH`], so no document can exhaust the stack of who walks the tree; no character controls,
//! hides or reorders, not even one that was written as an entity; what comes out grows with what goes in, not faster.
//! Leaves to others: how long a text may be.
//!
//! Follows CommonMark with GitHub's tables, strike-through and task lists. A table that no chat has room for becomes a
//! list, one item a row, and so does every table in plain text. A heading becomes a strong paragraph: a chat has no
//! outline.
//!
//! - `tree`: the parser's events to rich text; `table`: a table, or the list that stands for it
//! - `characters`: characters that may be shown; `link`: addresses that may be links
//! - `html`: what a reader would see of raw HTML
//! - `plain`: rich text to plain text; `run`: a run of inlines

mod characters;
mod html;
mod link;
mod plain;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod tree;

use pulldown_cmark::{Options, Parser};

use self::tree::Tree;
use crate::wire::rich_text::Block;

pub(crate) use characters::shown;
pub use link::checked_link;
pub use plain::plain;
pub use run::{paragraph, plain_inline};
pub use table::{TABLE_MAX_COLUMNS, TABLE_MAX_ROWS};
pub use tree::MAX_DEPTH;

/// Returns the dialect, also of the passages in [`crate::answer`].
pub(crate) fn dialect() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
}

/// Returns the rich text of `markdown`.
///
/// Text that holds nothing to show (HTML tags alone, say) comes back as it was written, in one paragraph, so that
/// nobody's message vanishes; only blank text gives no blocks.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut tree = Tree::default();
    for event in Parser::new_ext(markdown, dialect()) {
        tree.take(event);
    }
    let blocks = tree.finish();
    if !blocks.is_empty() {
        return blocks;
    }
    match shown(markdown).trim() {
        "" => Vec::new(),
        words => vec![paragraph(words)],
    }
}
