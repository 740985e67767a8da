//! Numbers in brackets, by which a model names the passages that it was given.

use crate::text::markdown;
use crate::wire::rich_text::{Block, Inline};
use crate::wire::visitor::Source;

/// Sources by their place, in the order in which they were first named.
#[derive(Clone, Debug, Default)]
pub(super) struct Citations(Vec<usize>);

impl Citations {
    /// Returns those of `sources` that were named.
    pub(super) fn among(&self, sources: &[Source]) -> Vec<Source> {
        self.0
            .iter()
            .filter_map(|at| sources.get(*at).cloned())
            .collect()
    }

    /// Writes `[1]` for each number that names a passage: its source's place among those named, from 1.
    pub(super) fn marks(&mut self, numbers: &[usize], source_of: &[usize]) -> String {
        let mut marks = String::new();
        for number in numbers {
            let Some(source) = number.checked_sub(1).and_then(|at| source_of.get(at)) else {
                continue;
            };
            let at = self
                .0
                .iter()
                .position(|known| known == source)
                .unwrap_or_else(|| {
                    self.0.push(*source);
                    self.0.len() - 1
                });
            let mark = format!("[{}]", at + 1);
            if !marks.contains(&mark) {
                marks.push_str(&mark);
            }
        }
        marks
    }

    fn text(&mut self, text: &str, source_of: &[usize]) -> String {
        let mut marked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('[') {
            let (before, bracket) = rest.split_at(at);
            marked.push_str(before);
            rest = match citation(bracket) {
                Some((n, numbers)) => {
                    marked.push_str(&self.marks(&numbers, source_of));
                    bracket.get(n..).unwrap_or_default()
                }
                None => {
                    marked.push('[');
                    bracket.get(1..).unwrap_or_default()
                }
            };
        }
        marked.push_str(rest);
        marked
    }

    pub(super) fn blocks(&mut self, blocks: Vec<Block>, source_of: &[usize]) -> Vec<Block> {
        let mut marked = Vec::with_capacity(blocks.len());
        for block in blocks {
            marked.push(match block {
                Block::Paragraph { content } => Block::Paragraph {
                    content: self.inlines(content, source_of),
                },
                Block::List { ordered, items } => {
                    let items = items
                        .into_iter()
                        .map(|item| self.blocks(item, source_of))
                        .collect();
                    Block::List { ordered, items }
                }
                Block::Quote { content } => Block::Quote {
                    content: self.blocks(content, source_of),
                },
                code @ Block::Code { .. } => code,
                Block::Table { head, rows } => {
                    let mut cells = |row: Vec<_>| {
                        row.into_iter()
                            .map(|cell| self.inlines(cell, source_of))
                            .collect()
                    };
                    Block::Table {
                        head: cells(head),
                        rows: rows.into_iter().map(cells).collect(),
                    }
                }
            });
        }
        marked
    }

    fn inlines(&mut self, content: Vec<Inline>, source_of: &[usize]) -> Vec<Inline> {
        let mut marked = Vec::with_capacity(content.len());
        for inline in content {
            marked.push(match inline {
                Inline::Text { text } => Inline::Text {
                    text: self.text(&text, source_of),
                },
                Inline::Strong { content } => Inline::Strong {
                    content: self.inlines(content, source_of),
                },
                Inline::Emphasis { content } => Inline::Emphasis {
                    content: self.inlines(content, source_of),
                },
                // `[1](https://…)`: a citation that the model made a link of.
                Inline::Link { content, .. }
                    if citation(&format!("[{}]", markdown::plain_inline(&content))).is_some() =>
                {
                    let text = format!("[{}]", markdown::plain_inline(&content));
                    Inline::Text {
                        text: self.text(&text, source_of),
                    }
                }
                Inline::Link { href, content } => Inline::Link {
                    href,
                    content: self.inlines(content, source_of),
                },
                code @ Inline::Code { .. } => code,
            });
        }
        marked
    }
}

/// Reads `[1]` or `[1, 2]` at the beginning of a text: its bytes, and the numbers.
pub(super) fn citation(text: &str) -> Option<(usize, Vec<usize>)> {
    let inside = text.strip_prefix('[')?;
    let end = inside.find(']')?;
    let numbers = inside.get(..end)?.split(',').map(|number| {
        let number = number.trim().trim_start_matches('^');
        let is_number =
            (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| number.parse().ok()).flatten()
    });
    Some((end + 2, numbers.collect::<Option<_>>()?))
}

/// Drops the lines that define where `[1]` leads: a number in brackets names a passage, whatever else a model makes of
/// it.
pub(super) fn without_definitions(markdown: &str) -> String {
    let is_definition = |line: &&str| {
        let line = line.trim_start();
        citation(line).is_some_and(|(n, _)| line.get(n..).is_some_and(|rest| rest.starts_with(':')))
    };
    let lines: Vec<&str> = markdown
        .lines()
        .filter(|line| !is_definition(line))
        .collect();
    lines.join("\n")
}
