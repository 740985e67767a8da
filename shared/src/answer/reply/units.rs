//! A passage as units, each of which is quoted whole or not at all, and units as blocks again.

use crate::answer::language::Language;
use crate::answer::matcher::{Matcher, cover};
use crate::answer::sentences::sentence_ends;
use crate::text::markdown;
use crate::wire::rich_text::{Block, Inline};

/// A quotation grows to about this size: what a chat shows without scrolling.
pub(super) const QUOTE_CHARS: usize = 700;
/// A single list or piece of code may be this long in a quotation before it is shortened or left out.
pub(super) const LARGEST_CHARS: usize = 1_600;
/// A paragraph up to this length is quoted whole; longer ones by sentences.
const WHOLE_PARAGRAPH: usize = 360;

/// A piece of a passage that is quoted whole or not at all.
pub(super) struct Unit {
    pub block: Block,
    /// Pieces of one paragraph or list share a number, and become one again.
    pub origin: usize,
    pub n_chars: usize,
    pub covered: Vec<f32>,
    pub n_hits: usize,
}

/// Cuts a passage's blocks into units.
pub(super) fn units(matcher: &Matcher<'_>, blocks: Vec<Block>, language: Language) -> Vec<Unit> {
    let mut units = Vec::new();
    for (origin, block) in blocks.into_iter().enumerate() {
        let n_chars = markdown::plain(std::slice::from_ref(&block))
            .chars()
            .count();
        let pieces = match block {
            Block::Paragraph { content } if n_chars > WHOLE_PARAGRAPH => sentences(content)
                .into_iter()
                .map(|content| Block::Paragraph { content })
                .collect(),
            // Steps are of use together; bullets stand alone.
            Block::List { ordered, items }
                if n_chars > if ordered { LARGEST_CHARS } else { QUOTE_CHARS } =>
            {
                items
                    .into_iter()
                    .map(|item| Block::List {
                        ordered,
                        items: vec![item],
                    })
                    .collect()
            }
            // A row says what it says with the names of its columns.
            Block::Table { head, rows } if n_chars > QUOTE_CHARS => rows
                .into_iter()
                .map(|row| Block::Table {
                    head: head.clone(),
                    rows: vec![row],
                })
                .collect(),
            whole => vec![whole],
        };
        for block in pieces {
            let text = markdown::plain(std::slice::from_ref(&block));
            let (hits, _) = matcher.hits(&text, language);
            let mut covered = vec![0.0; matcher.weights.len()];
            hits.iter().for_each(|hit| cover(&mut covered, *hit));
            units.push(Unit {
                block,
                origin,
                n_chars: text.chars().count(),
                covered,
                n_hits: hits.len(),
            });
        }
    }
    units
}

/// Units as blocks again: pieces of one paragraph or list are joined.
pub(super) fn rebuild(units: Vec<Unit>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last_origin = None;
    for unit in units {
        let is_same = last_origin == Some(unit.origin);
        last_origin = Some(unit.origin);
        match (blocks.last_mut(), unit.block) {
            (Some(Block::Paragraph { content }), Block::Paragraph { content: more }) if is_same => {
                for inline in more {
                    match (content.last_mut(), inline) {
                        (Some(Inline::Text { text }), Inline::Text { text: words }) => {
                            text.push_str(&words)
                        }
                        (_, inline) => content.push(inline),
                    }
                }
            }
            (Some(Block::List { items, .. }), Block::List { items: more, .. }) if is_same => {
                items.extend(more);
            }
            (Some(Block::Table { rows, .. }), Block::Table { rows: more, .. }) if is_same => {
                rows.extend(more);
            }
            (_, block) => blocks.push(block),
        }
    }
    blocks
}

/// Cuts a paragraph into its sentences. Only plain words are cut; what is emphasised or linked stays whole.
fn sentences(content: Vec<Inline>) -> Vec<Vec<Inline>> {
    let mut sentences: Vec<Vec<Inline>> = Vec::new();
    let mut open: Vec<Inline> = Vec::new();
    for inline in content {
        let Inline::Text { text } = inline else {
            open.push(inline);
            continue;
        };
        let mut start = 0;
        for end in sentence_ends(&text) {
            // The blank after a full stop stays with the sentence that it ends.
            let end = text
                .get(end..)
                .map_or(end, |rest| end + rest.len() - rest.trim_start().len());
            let Some(words) = text.get(start..end).filter(|words| !words.is_empty()) else {
                continue;
            };
            open.push(Inline::Text {
                text: words.to_owned(),
            });
            sentences.push(std::mem::take(&mut open));
            start = end;
        }
        if let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            open.push(Inline::Text {
                text: rest.to_owned(),
            });
        }
    }
    if !open.is_empty() {
        sentences.push(open);
    }
    sentences
}
