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

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use url::Url;

use super::unicode;
use crate::wire::rich_text::{Block, Cell, Inline};

/// Nodes inside nodes, blocks and inlines together. Real documents stay below 8; what is deeper is flattened.
pub const MAX_DEPTH: usize = 12;

/// No address that people follow is longer; browsers and proxies stop near it.
const MAX_LINK_BYTES: usize = 2048;

/// Columns of a table that stays one. The widest of real documents' tables have ten; wider ones read better row by row.
pub const TABLE_MAX_COLUMNS: usize = 12;

/// Rows of a table that stays one. A chat that scrolls through more of them has answered nothing.
pub const TABLE_MAX_ROWS: usize = 100;

/// Real columns are called by a word or three.
const COLUMN_NAME_MAX_BYTES: usize = 60;

/// The dialect, also of the passages in [`crate::answer`].
pub(crate) fn dialect() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
}

/// The rich text of `markdown`.
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

/// `text` without characters that control, hide or reorder.
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

/// One paragraph of plain words.
pub fn paragraph(text: &str) -> Block {
    Block::Paragraph {
        content: vec![Inline::Text {
            text: text.to_owned(),
        }],
    }
}

/// Rich text as plain text: blank lines between blocks, `- ` or `1. ` before items, `> ` before quoted lines, a
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

/// The words of a run of inlines.
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

/// The address of a link as it may be shown, or `None` for one that may not.
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

/// What is open while the events pass.
enum Frame {
    Blocks {
        tag: Container,
        content: Vec<Block>,
    },
    List {
        ordered: bool,
        items: Vec<Vec<Block>>,
    },
    Table {
        head: Vec<Cell>,
        rows: Vec<Vec<Cell>>,
    },
    Row {
        cells: Vec<Cell>,
        is_head: bool,
    },
    Code {
        language: String,
        text: String,
    },
    Inlines {
        tag: Run,
        content: Vec<Inline>,
    },
    /// What is never shown: front matter.
    Hidden,
    /// A block of raw HTML.
    Html(String),
}

enum Container {
    Root,
    Quote,
    Item,
}

enum Run {
    Paragraph,
    /// A paragraph that the source did not open: the words of a tight list item.
    Implied,
    Heading,
    Strong,
    Emphasis,
    /// Keeps its words, not itself: struck-out text, images, links that are not allowed.
    Words,
    Link(String),
    Cell,
}

/// Builds the tree with a stack of its own; [`MAX_DEPTH`] bounds it.
struct Tree {
    stack: Vec<Frame>,
    /// Tags that were opened beyond [`MAX_DEPTH`] and are not represented.
    n_flattened: usize,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            stack: vec![Frame::Blocks {
                tag: Container::Root,
                content: Vec::new(),
            }],
            n_flattened: 0,
        }
    }
}

impl Tree {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => self.words(&shown(&text)),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.inline(Inline::Code {
                    text: shown(&text).into_owned(),
                });
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = shown(&html);
                if let Some(Frame::Html(block)) = self.stack.last_mut() {
                    block.push_str(&html);
                } else {
                    self.words(&visible(&html));
                }
            }
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.words("\n"),
            Event::TaskListMarker(done) => self.words(if done { "☑ " } else { "☐ " }),
            Event::Rule => self.close_implied(),
            Event::FootnoteReference(name) => self.words(&format!("[{}]", shown(&name))),
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        let is_block = !matches!(
            tag,
            Tag::Strong
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Subscript
                | Tag::Superscript
        );
        if is_block {
            self.close_implied();
        }
        if self.n_flattened > 0 || self.stack.len() >= MAX_DEPTH {
            self.n_flattened += 1;
            return;
        }
        let run = |tag| Frame::Inlines {
            tag,
            content: Vec::new(),
        };
        let frame = match tag {
            Tag::Paragraph => run(Run::Paragraph),
            Tag::Heading { .. } => run(Run::Heading),
            Tag::BlockQuote(_) => Frame::Blocks {
                tag: Container::Quote,
                content: Vec::new(),
            },
            Tag::List(first) => Frame::List {
                ordered: first.is_some(),
                items: Vec::new(),
            },
            Tag::CodeBlock(kind) => Frame::Code {
                language: language(&kind),
                text: String::new(),
            },
            Tag::HtmlBlock => Frame::Html(String::new()),
            Tag::MetadataBlock(_) => Frame::Hidden,
            Tag::Table(_) => Frame::Table {
                head: Vec::new(),
                rows: Vec::new(),
            },
            Tag::TableHead => Frame::Row {
                cells: Vec::new(),
                is_head: true,
            },
            Tag::TableRow => Frame::Row {
                cells: Vec::new(),
                is_head: false,
            },
            Tag::TableCell => run(Run::Cell),
            Tag::Strong => run(Run::Strong),
            Tag::Emphasis => run(Run::Emphasis),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                let address = if link_type == LinkType::Email {
                    format!("mailto:{dest_url}")
                } else {
                    dest_url.into_string()
                };
                run(checked_link(&address).map_or(Run::Words, Run::Link))
            }
            Tag::Item
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition => Frame::Blocks {
                tag: Container::Item,
                content: Vec::new(),
            },
            Tag::Image { .. } | Tag::Strikethrough | Tag::Subscript | Tag::Superscript => {
                run(Run::Words)
            }
        };
        // Inline markup in a tight list item.
        if !is_block {
            self.imply_paragraph();
        }
        self.stack.push(frame);
    }

    fn close(&mut self, tag: TagEnd) {
        if self.n_flattened > 0 {
            self.n_flattened -= 1;
            // Words of neighbours that were flattened do not run together.
            if matches!(
                tag,
                TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell | TagEnd::Heading(_)
            ) {
                self.words(" ");
            }
            return;
        }
        if matches!(
            tag,
            TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition
        ) {
            self.close_implied();
        }
        if self.stack.len() > 1 {
            self.fold();
        }
    }

    /// Ends the innermost frame and hands what it held to the one around it.
    fn fold(&mut self) {
        match self.stack.pop() {
            Some(Frame::Blocks {
                tag: Container::Quote,
                content,
            }) if !content.is_empty() => {
                self.block(Block::Quote { content });
            }
            Some(Frame::Blocks {
                tag: Container::Item,
                content,
            }) if !content.is_empty() => self.item(content),
            Some(Frame::List { ordered, items }) if !items.is_empty() => {
                self.block(Block::List { ordered, items })
            }
            Some(Frame::Table { head, rows }) => {
                if let Some(table) = table(head, rows) {
                    self.block(table);
                }
            }
            Some(Frame::Row { mut cells, is_head }) => {
                if let Some(Frame::Table { head, rows }) = self.stack.last_mut() {
                    if is_head {
                        *head = cells;
                    } else {
                        // The parser fills short rows up. So nothing comes of little more than line feeds.
                        let is_blank = |cell: &Cell| plain_inline(cell).trim().is_empty();
                        while cells.pop_if(|cell| is_blank(cell)).is_some() {}
                        if !cells.is_empty() {
                            rows.push(cells);
                        }
                    }
                }
            }
            Some(Frame::Code { language, text }) => {
                let text = text.strip_suffix('\n').map(str::to_owned).unwrap_or(text);
                self.block(Block::Code { language, text });
            }
            Some(Frame::Html(html)) => {
                let words = visible(&html);
                let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
                if !words.is_empty() {
                    self.block(paragraph(&words));
                }
            }
            Some(Frame::Inlines { tag, content }) => self.run(tag, content),
            Some(Frame::Blocks { .. } | Frame::List { .. } | Frame::Hidden) | None => {}
        }
    }

    fn run(&mut self, tag: Run, mut content: Vec<Inline>) {
        let is_blank = plain_inline(&content).trim().is_empty();
        match tag {
            Run::Cell => {
                if let Some(Frame::Row { cells, .. }) = self.stack.last_mut() {
                    cells.push(content);
                }
            }
            _ if is_blank => self.words(" "),
            Run::Paragraph | Run::Implied => {
                trim(&mut content);
                self.block(Block::Paragraph { content });
            }
            Run::Heading => {
                trim(&mut content);
                self.block(Block::Paragraph {
                    content: vec![Inline::Strong { content }],
                });
            }
            Run::Strong => self.inline(Inline::Strong { content }),
            Run::Emphasis => self.inline(Inline::Emphasis { content }),
            Run::Link(href) => self.inline(Inline::Link { href, content }),
            Run::Words => {
                for inline in content {
                    self.inline(inline);
                }
            }
        }
    }

    /// A block for the innermost container.
    fn block(&mut self, block: Block) {
        match self.stack.last_mut() {
            Some(Frame::Blocks { content, .. }) => content.push(block),
            Some(Frame::List { items, .. }) => items.push(vec![block]),
            // A row whose cells were flattened: only beyond the depth limit, and so are blocks inside a line of words.
            Some(Frame::Table { rows, .. }) => {
                let words = plain(&[block]);
                rows.push(vec![vec![Inline::Text { text: words }]]);
            }
            Some(
                Frame::Inlines { .. } | Frame::Row { .. } | Frame::Code { .. } | Frame::Html(_),
            ) => {
                self.words(&plain(&[block]));
            }
            Some(Frame::Hidden) | None => {}
        }
    }

    fn item(&mut self, item: Vec<Block>) {
        match self.stack.last_mut() {
            Some(Frame::List { items, .. }) => items.push(item),
            _ => item.into_iter().for_each(|block| self.block(block)),
        }
    }

    fn words(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        match self.stack.last_mut() {
            Some(Frame::Code { text, .. } | Frame::Html(text)) => text.push_str(words),
            Some(Frame::Inlines { content, .. }) => push_words(content, words),
            Some(Frame::Hidden) => {}
            // Between blocks: nothing to start a paragraph for.
            _ if words.trim().is_empty() => {}
            _ => self.inline(Inline::Text {
                text: words.to_owned(),
            }),
        }
    }

    fn inline(&mut self, inline: Inline) {
        self.imply_paragraph();
        match (self.stack.last_mut(), inline) {
            (Some(Frame::Inlines { content, .. }), Inline::Text { text }) => {
                push_words(content, &text)
            }
            (Some(Frame::Inlines { content, .. }), inline) => content.push(inline),
            (Some(Frame::Code { text, .. } | Frame::Html(text)), inline) => {
                text.push_str(&plain_inline(&[inline]))
            }
            _ => {}
        }
    }

    fn imply_paragraph(&mut self) {
        match self.stack.last() {
            Some(Frame::Blocks { .. } | Frame::List { .. } | Frame::Table { .. }) => {
                self.stack.push(Frame::Inlines {
                    tag: Run::Implied,
                    content: Vec::new(),
                });
            }
            Some(Frame::Row { .. }) => self.stack.push(Frame::Inlines {
                tag: Run::Cell,
                content: Vec::new(),
            }),
            _ => {}
        }
    }

    fn close_implied(&mut self) {
        if matches!(
            self.stack.last(),
            Some(Frame::Inlines {
                tag: Run::Implied,
                ..
            })
        ) {
            self.fold();
        }
    }

    fn finish(mut self) -> Vec<Block> {
        while self.stack.len() > 1 {
            self.fold();
        }
        match self.stack.pop() {
            Some(Frame::Blocks { content, .. }) => content,
            _ => Vec::new(),
        }
    }
}

/// A table with words in it, as one where it has columns and the chat has room, otherwise as a list.
fn table(head: Vec<Cell>, rows: Vec<Vec<Cell>>) -> Option<Block> {
    if rows.is_empty() {
        let content = row(&head, &[])?;
        return Some(Block::List {
            ordered: false,
            items: vec![vec![Block::Paragraph { content }]],
        });
    }
    let is_one = (2..=TABLE_MAX_COLUMNS).contains(&head.len()) && rows.len() <= TABLE_MAX_ROWS;
    Some(if is_one {
        Block::Table { head, rows }
    } else {
        listed(&head, &rows)
    })
}

/// A table as a list of its rows.
fn listed(head: &[Cell], rows: &[Vec<Cell>]) -> Block {
    let item = |cells: &Vec<Cell>| {
        let content = row(cells, head)?;
        Some(vec![Block::Paragraph { content }])
    };
    Block::List {
        ordered: false,
        items: rows.iter().filter_map(item).collect(),
    }
}

/// A table's row as a line: the first cell, then each other one after the name of its column.
fn row(cells: &[Cell], head: &[Cell]) -> Option<Vec<Inline>> {
    let mut content = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if plain_inline(cell).trim().is_empty() {
            continue;
        }
        if at == 0 {
            content.push(Inline::Strong {
                content: cell.clone(),
            });
            continue;
        }
        // Two columns read as a definition; in wider tables each cell needs its name. A long one is no name, and would
        // be repeated with every row.
        let name = head
            .get(at)
            .map(|name| plain_inline(name))
            .filter(|name| (1..=COLUMN_NAME_MAX_BYTES).contains(&name.len()) && head.len() > 2);
        let joint = if content.is_empty() {
            ""
        } else if at == 1 {
            ": "
        } else {
            "; "
        };
        push_words(&mut content, joint);
        if let Some(name) = name {
            push_words(&mut content, &format!("{name} "));
        }
        content.extend(cell.iter().cloned());
    }
    (!content.is_empty()).then_some(content)
}

/// Adds words to a run; neighbours become one node.
fn push_words(content: &mut Vec<Inline>, words: &str) {
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
fn trim(content: &mut Vec<Inline>) {
    if let Some(Inline::Text { text }) = content.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Text { text }) = content.last_mut() {
        *text = text.trim_end().to_owned();
    }
    content.retain(|inline| !matches!(inline, Inline::Text { text } if text.is_empty()));
}

/// The first word after a fence, when it looks like a language's name.
fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else {
        return String::new();
    };
    let name = info.split([' ', ',', '{']).next().unwrap_or_default();
    let is_name = name.len() <= 20
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-#._".contains(&b));
    if is_name {
        name.to_owned()
    } else {
        String::new()
    }
}

/// Tags that people write into Markdown to lay it out. Any other `<word>` is more likely a placeholder or a type's
/// parameter, and is shown as written.
const LAYOUT_TAGS: [&str; 48] = [
    "a",
    "abbr",
    "article",
    "b",
    "blockquote",
    "br",
    "center",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "picture",
    "pre",
    "s",
    "section",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

/// What a reader would see of raw HTML: the words between layout tags. Comments go.
fn visible(html: &str) -> String {
    let mut words = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        words.push_str(before);
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let name: String = tag
            .trim_start_matches(['<', '/'])
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match tag.find('>') {
            Some(end) if LAYOUT_TAGS.contains(&name.as_str()) => {
                if name == "br" {
                    words.push('\n');
                }
                rest = tag.get(end + 1..).unwrap_or_default();
            }
            _ => {
                words.push('<');
                rest = tag.get(1..).unwrap_or_default();
            }
        }
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(words: &str) -> Inline {
        Inline::Text { text: words.into() }
    }

    fn links(blocks: &[Block]) -> Vec<String> {
        fn inlines(content: &[Inline], found: &mut Vec<String>) {
            for inline in content {
                match inline {
                    Inline::Link { href, content } => {
                        found.push(href.clone());
                        inlines(content, found);
                    }
                    Inline::Strong { content } | Inline::Emphasis { content } => {
                        inlines(content, found)
                    }
                    Inline::Text { .. } | Inline::Code { .. } => {}
                }
            }
        }
        let mut found = Vec::new();
        for block in blocks {
            match block {
                Block::Paragraph { content } => inlines(content, &mut found),
                Block::Quote { content } => found.extend(links(content)),
                Block::List { items, .. } => {
                    items.iter().for_each(|item| found.extend(links(item)))
                }
                Block::Code { .. } => {}
                Block::Table { head, rows } => {
                    let cells = rows.iter().flatten();
                    head.iter()
                        .chain(cells)
                        .for_each(|cell| inlines(cell, &mut found));
                }
            }
        }
        found
    }

    fn depth(blocks: &[Block]) -> usize {
        let inside = |block: &Block| match block {
            Block::Quote { content } => depth(content),
            Block::List { items, .. } => {
                items.iter().map(|item| depth(item)).max().unwrap_or(0) + 1
            }
            _ => 1,
        };
        blocks.iter().map(inside).max().unwrap_or(0) + 1
    }

    #[test]
    fn links_to_anything_but_web_mail_and_phone_become_their_words() {
        for (markdown, href) in [
            ("[x](javascript:alert(1))", None),
            ("[x](JaVaScRiPt:alert(1))", None),
            ("[x](java\tscript:alert(1))", None),
            ("[x](&#106;avascript:alert(1))", None),
            ("[x](data:text/html,<script>alert(1)</script>)", None),
            ("[x](vbscript:x)", None),
            ("[x](file:///etc/passwd)", None),
            ("[x](blob:https://a.com/1)", None),
            ("[x](//evil.example/a)", None),
            ("[x](/relative)", None),
            ("[x](docs/page.md#part)", None),
            ("[x](https://bank.example@evil.example/)", None),
            ("[x](https://u:p@a.example/)", None),
            ("[x](https://)", None),
            ("[x](<mailto:a@a.example\"><svg onload=alert(1)>>)", None),
            ("[x](<tel:+44 <b>>)", None),
            ("[x](mailto://me@a.example)", None),
            ("<//me@a.example>", None),
            ("<javascript:alert(1)>", None),
            (
                "[x](https://a.example/b?c=d#e)",
                Some("https://a.example/b?c=d#e"),
            ),
            ("<https://a.example/b>", Some("https://a.example/b")),
            ("<me@a.example>", Some("mailto:me@a.example")),
            ("[x](tel:+44123)", Some("tel:+44123")),
            (
                "[x][r]\n\n[r]: http://a.example/",
                Some("http://a.example/"),
            ),
        ] {
            let found = links(&blocks(markdown));
            assert_eq!(found.first().map(String::as_str), href, "{markdown}");
            assert!(!blocks(markdown).is_empty(), "{markdown}");
        }
        assert!(
            links(&blocks(&format!(
                "[x](https://a.example/{})",
                "a".repeat(3000)
            )))
            .is_empty()
        );
    }

    #[test]
    fn raw_html_is_never_markup_and_never_silence() {
        for (markdown, plainly) in [
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("a <img src=x onerror=alert(1)> b", "a  b"),
            ("<div align=\"center\">\n<h1>Title</h1>\n</div>", "Title"),
            ("one<br>two", "one\ntwo"),
            (
                "a `Vec<String>` and Vec<String> too",
                "a Vec<String> and Vec<String> too",
            ),
            ("before <!-- a comment --> after", "before  after"),
            ("<!-- only a comment -->", "<!-- only a comment -->"),
            ("![a cat](https://a.example/cat.png)", "a cat"),
            (
                "<details><summary>More</summary>Inside</details>",
                "MoreInside",
            ),
            ("  ", ""),
        ] {
            assert_eq!(plain(&blocks(markdown)), plainly, "{markdown}");
        }
    }

    #[test]
    fn characters_that_hide_or_reorder_are_dropped_also_from_entities() {
        for (markdown, plainly) in [
            ("pay&#x202e;lap", "paylap"),
            ("`pay\u{202e}lap`", "paylap"),
            ("<i\u{202e}x>", "<ix>"),
            ("a&#27;[31mb", "a[31mb"),
            ("a\u{1b}b\u{feff}c&#xe0041;d", "abcd"),
            ("```\na\u{0}\u{2066}b\n```", "ab"),
            ("\u{202e}", ""),
        ] {
            assert_eq!(plain(&blocks(markdown)), plainly, "{markdown:?}");
        }
    }

    #[test]
    fn a_long_head_of_a_table_is_not_repeated_with_every_row() {
        let head = "x".repeat(1000);
        let markdown = format!(
            "| a | {head} | {head} |\n|-|-|-|\n{}",
            "|a|b|c|\n".repeat(500)
        );
        assert!(plain(&blocks(&markdown)).len() < 2 * markdown.len());
    }

    #[test]
    fn common_markdown_becomes_the_nodes_that_it_means() {
        let markdown = "# Start\n\nUse **this** or *that* and `code`.\nSame line.\n\n1. one\n2. two\n   - inner\n\n```sh\ncargo run\n```\n\n> said\n";
        assert_eq!(
            blocks(markdown),
            vec![
                Block::Paragraph {
                    content: vec![Inline::Strong {
                        content: vec![text("Start")]
                    }]
                },
                Block::Paragraph {
                    content: vec![
                        text("Use "),
                        Inline::Strong {
                            content: vec![text("this")]
                        },
                        text(" or "),
                        Inline::Emphasis {
                            content: vec![text("that")]
                        },
                        text(" and "),
                        Inline::Code {
                            text: "code".into()
                        },
                        text(". Same line."),
                    ]
                },
                Block::List {
                    ordered: true,
                    items: vec![
                        vec![paragraph("one")],
                        vec![
                            paragraph("two"),
                            Block::List {
                                ordered: false,
                                items: vec![vec![paragraph("inner")]]
                            }
                        ],
                    ]
                },
                Block::Code {
                    language: "sh".into(),
                    text: "cargo run".into()
                },
                Block::Quote {
                    content: vec![paragraph("said")]
                },
            ]
        );
        assert_eq!(
            plain(&blocks(markdown)),
            "Start\n\nUse this or that and code. Same line.\n\n1. one\n2. two\n   - inner\n\ncargo run\n\n> said"
        );
    }

    #[test]
    fn a_table_is_one_and_reads_in_plain_text_as_a_list_of_its_rows() {
        let two = "| code | status |\n|---|---|\n| `a_b` | 403 |\n| c | 404 |";
        let cell = |words: &str| vec![text(words)];
        let code = |code: &str| vec![Inline::Code { text: code.into() }];
        assert_eq!(
            blocks(two),
            [Block::Table {
                head: vec![cell("code"), cell("status")],
                rows: vec![vec![code("a_b"), cell("403")], vec![cell("c"), cell("404")]],
            }]
        );
        assert_eq!(plain(&blocks(two)), "- a_b: 403\n- c: 404");
        let three = "| code | status | means |\n|---|---|---|\n| a | 403 | no **way** |";
        assert_eq!(plain(&blocks(three)), "- a: status 403; means no way");
    }

    #[test]
    fn a_table_beyond_its_bounds_is_a_list_and_says_the_same() {
        let markdown = |n_columns: usize, n_rows: usize| {
            let line = |word: &str| format!("|{}\n", format!("{word}|").repeat(n_columns));
            [line("h"), line("-"), line("c").repeat(n_rows)].concat()
        };
        for (n_columns, n_rows, is_table) in [
            (TABLE_MAX_COLUMNS, TABLE_MAX_ROWS, true),
            (TABLE_MAX_COLUMNS + 1, 1, false),
            (2, TABLE_MAX_ROWS + 1, false),
            (1, 3, false),
            (3, 0, false),
        ] {
            let blocks = blocks(&markdown(n_columns, n_rows));
            let what = format!("{n_columns} columns, {n_rows} rows");
            assert_eq!(blocks.len(), 1, "{what}");
            assert_eq!(matches!(blocks[0], Block::Table { .. }), is_table, "{what}");
            let n_cells = plain(&blocks).matches('c').count();
            assert_eq!(n_cells, n_columns * n_rows, "{what}");
        }
    }

    #[test]
    fn a_table_holds_no_more_than_was_written() {
        // Twelve columns, and rows of a single cell, or of none.
        let head = "|h|h|h|h|h|h|h|h|h|h|h|h|\n|-|-|-|-|-|-|-|-|-|-|-|-|\n";
        let markdown = [head, &"|x\n||\n".repeat(90)].concat();
        let json = serde_json::to_string(&blocks(&markdown)).expect("blocks are JSON");
        assert!(json.matches("[]").count() == 0, "{json}");
        // What is no link elsewhere is none in a cell, and no cell holds a block.
        let bad = "|a|b|\n|-|-|\n|[x](javascript:alert(1))|<script>alert(1)</script>|\n|> q|- i|";
        assert_eq!(links(&blocks(bad)), [""; 0]);
        assert_eq!(
            plain(&blocks(bad)),
            "- x: <script>alert(1)</script>\n- > q: - i"
        );
        // A table as deep as may be keeps its words.
        for depth in 0..2 * MAX_DEPTH {
            let at = "> ".repeat(depth);
            let deep = format!("{at}|one|two|\n{at}|-|-|\n{at}|three|four|\n");
            let words = plain(&blocks(&deep));
            for word in ["three", "four"] {
                assert!(words.contains(word), "{depth}: {words}");
            }
        }
    }

    #[test]
    fn front_matter_is_not_shown() {
        assert_eq!(plain(&blocks("---\ntitle: x\n---\n\nHello")), "Hello");
    }

    #[test]
    fn a_link_keeps_its_address_in_plain_text_once() {
        assert_eq!(
            plain(&blocks("[here](https://a.example/b)")),
            "here (https://a.example/b)"
        );
        assert_eq!(
            plain(&blocks("<https://a.example/b>")),
            "https://a.example/b"
        );
        assert_eq!(plain(&blocks("<me@a.example>")), "me@a.example");
    }

    #[test]
    fn nesting_ends_somewhere() {
        for (open, n) in [
            ("> ", 5000),
            ("- ", 400),
            ("*", 3000),
            ("[", 3000),
            ("![", 3000),
            ("**a ", 2000),
        ] {
            let markdown = format!("{}deep", open.repeat(n));
            let blocks = blocks(&markdown);
            assert!(depth(&blocks) <= 2 * MAX_DEPTH, "{open}");
            assert!(plain(&blocks).contains("deep"), "{open}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_none_that_shows_something_vanishes(markdown in "(?s).{0,300}") {
            let blocks = blocks(&markdown);
            prop_assert_eq!(blocks.is_empty(), shown(&markdown).trim().is_empty());
            prop_assert!(depth(&blocks) <= 2 * MAX_DEPTH);
        }

        #[test]
        fn no_mix_of_markup_breaks_it(parts in prop::collection::vec(
            prop::sample::select(vec!["> ", "- ", "1. ", "\n", "\n\n", "    ", "```", "`", "*", "**", "_", "[a](", "[", "]", ")",
                "![", "<b>", "</b>", "<!--", "|", "|-|-|\n", "---\n", "# ", "word ", "\\", "é", "~~", "https://a.example", "\0", "- [x] "]), 0..60)) {
            let markdown = parts.concat();
            for href in links(&blocks(&markdown)) {
                prop_assert!(href.starts_with("http://") || href.starts_with("https://"));
            }
        }
    }
}
