//! Markdown to rich text, and rich text to plain text.
//!
//! Keeps true: what comes out holds allowed nodes only; links lead to `http`, `https`, `mailto` or `tel` addresses
//! without credentials, every other link becomes its words; raw HTML is never markup, images become their description;
//! nesting ends at [`MAX_DEPTH`], so no document can exhaust the stack of who walks the tree; no character controls,
//! hides or reorders, not even one that was written as an entity; what comes out grows with what goes in, not faster.
//! Leaves to others: how long a text may be.
//!
//! Follows CommonMark with GitHub's tables, strike-through and task lists. A table that no chat has room for becomes a
//! list, one item a row, and so does every table in plain text. A heading becomes a strong paragraph: a chat has no outline.
//!
//! - `tree`: the parser's events to rich text; `table`: a table, or the list that stands for it
//! - `html`: what a reader would see of raw HTML
//! - `plain`: rich text to plain text; `run`: a run of inlines

mod html;
mod plain;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use pulldown_cmark::{Options, Parser};
use url::Url;

use self::tree::Tree;
use super::unicode;
use crate::wire::rich_text::{Block, Inline};

pub use plain::plain;
pub use run::plain_inline;
pub use table::{TABLE_MAX_COLUMNS, TABLE_MAX_ROWS};
pub use tree::MAX_DEPTH;

/// No address that people follow is longer; browsers and proxies stop near it.
const MAX_LINK_BYTES: usize = 2048;

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

/// Drops the characters of `text` that control, hide or reorder.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    let is_shown = |c: char| {
        matches!(c, '\n' | '\t')
            || !(c.is_control() || c == '\u{feff}' || unicode::is_hidden_order(c))
    };
    if text.chars().all(is_shown) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_shown(*c)).collect())
    }
}

/// Returns one paragraph of plain words.
pub fn paragraph(text: &str) -> Block {
    Block::Paragraph {
        content: vec![Inline::Text {
            text: text.to_owned(),
        }],
    }
}

/// Returns the address of a link as it may be shown, or `None` for one that may not.
pub fn checked_link(address: &str) -> Option<String> {
    if address.len() > MAX_LINK_BYTES {
        return None;
    }
    // Relative addresses do not parse without a base: in a chat on another origin they would lead nowhere.
    let url = Url::parse(address).ok()?;
    let is_allowed = match url.scheme() {
        // `https://bank.example@evil.example` reads as what it is not.
        "http" | "https" => {
            url.host_str().is_some() && url.username().is_empty() && url.password().is_none()
        }
        // The URL parser leaves the rest of these as it is, or takes what follows `//` for a host. No address needs that,
        // nor what markup is made of.
        "mailto" | "tel" => {
            url.cannot_be_a_base()
                && url
                    .path()
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b))
        }
        _ => false,
    };
    is_allowed.then(|| url.to_string())
}
