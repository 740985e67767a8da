//! The parser's events, as a tree of allowed nodes.

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::characters::shown;
use super::html::visible;
use super::link::checked_link;
use super::plain::plain;
use super::run::{paragraph, plain_inline, push_words, trim};
use super::table::table;
use crate::wire::rich_text::{Block, Cell, Inline};

/// Nodes inside nodes, blocks and inlines together. Real documents stay below 8; what is deeper is flattened.
pub const MAX_DEPTH: usize = 12;

/// Builds the tree with a stack of its own; [`MAX_DEPTH`] bounds it.
pub(super) struct Tree {
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
    pub(super) fn take(&mut self, event: Event<'_>) {
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

    /// Adds a block to the innermost container.
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

    pub(super) fn finish(mut self) -> Vec<Block> {
        while self.stack.len() > 1 {
            self.fold();
        }
        match self.stack.pop() {
            Some(Frame::Blocks { content, .. }) => content,
            _ => Vec::new(),
        }
    }
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

/// Returns the first word after a fence, when it looks like a language's name.
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
