//! Rich text as a small tree of allowed nodes.
//!
//! The widget builds DOM nodes from it and never parses HTML: what is not a variant here cannot be shown.
//! A program that meets a kind of block that it does not know shows the message's `text` instead, which says the same.
//! Links carry `http`, `https`, `mailto` or `tel` addresses only; the edge drops every other one.

use serde::{Deserialize, Serialize};

/// A block of rich text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// Running text.
    Paragraph {
        /// The words.
        content: Vec<Inline>,
    },
    /// A list; each item is a run of blocks.
    List {
        /// Numbered when true, bulleted when false.
        ordered: bool,
        /// The items, in order.
        items: Vec<Vec<Block>>,
    },
    /// Preformatted code.
    Code {
        /// The language named after the fence, or empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        language: String,
        /// The code, line breaks kept.
        text: String,
    },
    /// Words of somebody else: a passage of a document.
    Quote {
        /// What is quoted.
        content: Vec<Block>,
    },
    /// A table of at most 12 columns and 100 rows.
    Table {
        /// The names of the columns.
        head: Vec<Cell>,
        /// The rows, in order. A row may be shorter than the head: what is missing at its end is blank.
        rows: Vec<Vec<Cell>>,
    },
}

/// What stands in one cell of a table.
pub type Cell = Vec<Inline>;

/// A run of text inside a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Inline {
    /// Plain words.
    Text {
        /// The words.
        text: String,
    },
    /// Strong importance.
    Strong {
        /// The words.
        content: Vec<Inline>,
    },
    /// Stress.
    Emphasis {
        /// The words.
        content: Vec<Inline>,
    },
    /// Code within a line.
    Code {
        /// The code.
        text: String,
    },
    /// A link. Opened in a new tab, `noopener nofollow`.
    Link {
        /// `http`, `https`, `mailto` or `tel` address.
        href: String,
        /// The words.
        content: Vec<Inline>,
    },
}
