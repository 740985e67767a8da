//! Rich text as DOM nodes. There is no HTML to parse: what is no variant of `Block` or `Inline` cannot be drawn.

use oriel_shared::{
    ascii_split::split_once,
    wire::rich_text::{Block, Cell, Inline},
};

use super::copy::copy;
use crate::{
    app::App,
    dom::{Node, element, quiet, with_text},
};

/// Draws a run of blocks.
pub fn blocks(app: &'static App, parent: Node, blocks: &[Block]) {
    for block in blocks {
        parent.add(draw_block(app, block));
    }
}

fn draw_block(app: &'static App, block: &Block) -> Node {
    match block {
        Block::Paragraph { content } => around("p", content),
        Block::List { ordered, items } => {
            let list = element(if *ordered { "ol" } else { "ul" }, "", &[]);
            for item in items {
                let drawn = element("li", "", &[]);
                blocks(app, drawn, item);
                list.add(drawn);
            }
            list
        }
        Block::Code { text, .. } => {
            let code = with_text("code", "", text);
            let lines = element("pre", "", &[code]);
            // Focusable, so that long lines can be read by keyboard.
            lines.set("tabindex", "0");
            lines.set("dir", "ltr");
            element(
                "div",
                "code",
                &[lines, quiet("copy", vec![copy(app, code)])],
            )
        }
        Block::Quote { content } => {
            let quote = element("blockquote", "", &[]);
            blocks(app, quote, content);
            quote
        }
        Block::Table { head, rows } => {
            let table = element("table", "", &[]);
            let line = |tag: &str, cells: &[Cell]| {
                let line = element("tr", "", &[]);
                for cell in cells {
                    line.add(around(tag, cell));
                }
                table.add(line);
            };
            line("th", head);
            for row in rows {
                line("td", row);
            }
            // Around it, and focusable: a wide one is scrolled in its own place, also by keyboard.
            let wide = element("div", "wide", &[table]);
            wide.set("tabindex", "0");
            wide
        }
    }
}

fn around(tag: &str, content: &[Inline]) -> Node {
    let element = element(tag, "", &[]);
    inlines(element, content);
    element
}

fn inlines(parent: Node, content: &[Inline]) {
    for inline in content {
        let drawn = match inline {
            Inline::Text { text } => {
                parent.write(text);
                continue;
            }
            Inline::Strong { content } => around("strong", content),
            Inline::Emphasis { content } => around("em", content),
            Inline::Code { text } => with_text("code", "", text),
            Inline::Link { href, content } => {
                let link = link(href);
                inlines(link, content);
                link
            }
        };
        parent.add(drawn);
    }
}

/// An empty link to a safe address, in a tab of its own; for any other address, an element that leads nowhere.
pub fn link(href: &str) -> Node {
    if !is_safe(href) {
        return element("span", "", &[]);
    }
    let link = element("a", "", &[]);
    link.set("href", href);
    link.set("target", "_blank");
    link.set("rel", "noopener nofollow noreferrer");
    link
}

/// Whether an address may be a link here. The edge lets no other through; this does not take its word for it.
fn is_safe(href: &str) -> bool {
    let scheme = split_once(href, b':').map_or("", |(scheme, _)| scheme);
    ["https", "http", "mailto", "tel"]
        .iter()
        .any(|safe| scheme.eq_ignore_ascii_case(safe))
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_addresses_that_run_nothing_become_links() {
        for href in [
            "https://example.com",
            "HTTP://example.com",
            "mailto:a@example.com",
            "tel:+4930123",
        ] {
            assert!(is_safe(href), "{href}");
        }
        for href in [
            "",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "blob:https://example.com/x",
            "file:///etc/passwd",
            "//example.com",
            "/path",
            "#x",
            "https",
            " https://example.com",
        ] {
            assert!(!is_safe(href), "{href}");
        }
    }
}
