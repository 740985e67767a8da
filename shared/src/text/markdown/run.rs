//! A run of inlines: its words, words added to it, blank edges taken off.

use crate::wire::rich_text::{Block, Inline};

/// Returns one paragraph of plain words.
pub fn paragraph(text: &str) -> Block {
    Block::Paragraph {
        content: vec![Inline::Text {
            text: text.to_owned(),
        }],
    }
}

/// Returns the words of a run of inlines.
pub fn plain_inline(content: &[Inline]) -> String {
    let mut text = String::new();
    for inline in content {
        match inline {
            Inline::Text { text: words } | Inline::Code { text: words } => text.push_str(words),
            Inline::Strong { content } | Inline::Emphasis { content } => {
                text.push_str(&plain_inline(content))
            }
            Inline::Link { href, content } => {
                let words = plain_inline(content);
                let address = href
                    .trim_start_matches("mailto:")
                    .trim_start_matches("tel:")
                    .trim_end_matches('/');
                text.push_str(&words);
                if words.trim_end_matches('/') != address {
                    text.push_str(&format!(" ({href})"));
                }
            }
        }
    }
    text
}

/// Adds words to a run; neighbours become one node.
pub(super) fn push_words(content: &mut Vec<Inline>, words: &str) {
    if words.is_empty() {
        return;
    }
    match content.last_mut() {
        Some(Inline::Text { text }) => text.push_str(words),
        _ => content.push(Inline::Text {
            text: words.to_owned(),
        }),
    }
}

/// Takes the blank edges off a run.
pub(super) fn trim(content: &mut Vec<Inline>) {
    if let Some(Inline::Text { text }) = content.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Text { text }) = content.last_mut() {
        *text = text.trim_end().to_owned();
    }
    content.retain(|inline| !matches!(inline, Inline::Text { text } if text.is_empty()));
}
