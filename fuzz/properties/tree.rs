//! What holds for every tree of rich text. The matches name every node: one that is new does not compile here until
//! somebody says what may be in it.

use oriel_shared::text::markdown::{MAX_DEPTH, TABLE_MAX_COLUMNS, TABLE_MAX_ROWS, plain};
use oriel_shared::wire::rich_text::{Block, Inline};

/// Panics unless `tree` is what may be made of `source`.
pub fn hold(source: &str, tree: &[Block]) {
    let mut seen = Seen::default();
    seen.blocks(tree, 1);
    // A reference to a link may be repeated; the parser stops that at 100 kB or the size of the source.
    let bound = 64 * source.len() + 110_000;
    assert!(seen.n_bytes <= bound, "{} bytes", seen.n_bytes);
    assert!(plain(tree).len() <= 4 * bound);
}

#[derive(Default)]
struct Seen {
    n_bytes: usize,
}

impl Seen {
    fn blocks(&mut self, blocks: &[Block], depth: usize) {
        assert!(depth <= 2 * MAX_DEPTH, "too deep");
        for block in blocks {
            match block {
                Block::Paragraph { content } => self.inlines(content, depth + 1),
                Block::List { ordered: _, items } => {
                    items.iter().for_each(|item| self.blocks(item, depth + 1));
                }
                Block::Code { language, text } => {
                    self.text(language);
                    self.text(text);
                }
                Block::Quote { content } => self.blocks(content, depth + 1),
                Block::Table { head, rows } => {
                    assert!((2..=TABLE_MAX_COLUMNS).contains(&head.len()), "columns");
                    assert!((1..=TABLE_MAX_ROWS).contains(&rows.len()), "rows");
                    for row in rows {
                        assert!(row.len() <= TABLE_MAX_COLUMNS, "cells");
                    }
                    for cell in head.iter().chain(rows.iter().flatten()) {
                        self.inlines(cell, depth + 1);
                    }
                }
            }
        }
    }

    fn inlines(&mut self, inlines: &[Inline], depth: usize) {
        assert!(depth <= 2 * MAX_DEPTH, "too deep");
        for inline in inlines {
            match inline {
                Inline::Text { text } | Inline::Code { text } => self.text(text),
                Inline::Strong { content } | Inline::Emphasis { content } => {
                    self.inlines(content, depth + 1);
                }
                Inline::Link { href, content } => {
                    hold_link(href);
                    self.text(href);
                    self.inlines(content, depth + 1);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.n_bytes += text.len();
        let hides = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
        };
        assert!(!text.contains(hides), "{text:?}");
    }
}

/// Panics unless a browser that follows `href` stays with the web, mail or telephone.
pub fn hold_link(href: &str) {
    let url = url::Url::parse(href).expect("a link is a URL");
    assert_eq!(url.as_str(), href, "a link is in its normal form");
    assert!(
        matches!(url.scheme(), "http" | "https" | "mailto" | "tel"),
        "{href}"
    );
    assert!(
        url.username().is_empty() && url.password().is_none(),
        "{href}"
    );
    assert!(href.bytes().all(|b| b.is_ascii_graphic()), "{href}");
}
