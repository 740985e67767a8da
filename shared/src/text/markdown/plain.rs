//! Rich text as plain text.

use super::run::plain_inline;
use super::table::listed;
use crate::wire::rich_text::Block;

/// Writes rich text as plain text: blank lines between blocks, `- ` or `1. ` before items, `> ` before quoted lines, a
/// link's address after its words, a table as a list of its rows.
pub fn plain(blocks: &[Block]) -> String {
    let mut parts = Vec::with_capacity(blocks.len());
    for block in blocks {
        parts.push(match block {
            Block::Paragraph { content } => plain_inline(content),
            Block::Code { text, .. } => text.trim_end_matches('\n').to_owned(),
            Block::Quote { content } => {
                let lines: Vec<_> = plain(content)
                    .lines()
                    .map(|line| format!("> {line}"))
                    .collect();
                lines.join("\n")
            }
            Block::List { ordered, items } => {
                let items = items.iter().enumerate().map(|(at, item)| {
                    let mark = if *ordered {
                        format!("{}. ", at + 1)
                    } else {
                        "- ".to_owned()
                    };
                    let indent = " ".repeat(mark.len());
                    let text = plain(item)
                        .replace("\n\n", "\n")
                        .replace('\n', &format!("\n{indent}"));
                    mark + &text
                });
                items.collect::<Vec<_>>().join("\n")
            }
            Block::Table { head, rows } => plain(&[listed(head, rows)]),
        });
    }
    parts.join("\n\n")
}
