//! A Markdown document's sections: what stands between two headings.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::pieces::{split_block, split_sentences};
use crate::text::markdown::{dialect, plain};

/// Headings repeat in every passage below them; no honest one is longer.
pub(super) const HEADING_CHARS: usize = 120;

/// What stands between two headings.
pub(super) struct Section {
    /// The headings above, outermost first.
    pub path: Vec<String>,
    /// Markdown of each block.
    pub blocks: Vec<String>,
}

/// Reads a Markdown document's sections; those without text are left out.
pub(super) fn sections(title: &str, content: &str) -> Vec<Section> {
    let parser = Parser::new_ext(content, dialect()).into_offset_iter();
    let definitions: Vec<(String, String)> = parser
        .reference_definitions()
        .iter()
        .map(|(label, definition)| (label.to_owned(), definition.dest.to_string()))
        .collect();

    let mut sections = Vec::new();
    let mut open: Vec<(HeadingLevel, String)> = Vec::new();
    let mut blocks: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    // Byte ranges where the outermost block may be cut: items of a list, rows of a table.
    let mut cuts: Vec<usize> = Vec::new();
    let mut outermost: Option<Tag<'_>> = None;

    for (event, range) in parser {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    cuts.clear();
                    outermost = Some(tag);
                } else if depth == 1 && matches!(tag, Tag::Item | Tag::TableRow) {
                    cuts.push(range.start);
                }
                depth += 1;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    continue;
                }
                let source = content.get(range.clone()).unwrap_or_default();
                match (tag, outermost.take()) {
                    (TagEnd::Heading(level), _) => {
                        close(&mut sections, &open, &mut blocks);
                        open.retain(|(its_level, _)| *its_level < level);
                        let whole = heading_words(source);
                        let words: String = whole.chars().take(HEADING_CHARS).collect();
                        // The title names the document already.
                        let is_title =
                            level == HeadingLevel::H1 && words.eq_ignore_ascii_case(title.trim());
                        if !words.is_empty() && !is_title {
                            if words.len() < whole.len() {
                                // A paragraph that became a heading by the line under it.
                                blocks.extend(split_sentences(&whole));
                            }
                            open.push((level, words));
                        }
                    }
                    (TagEnd::MetadataBlock(_), _) => {}
                    (_, Some(kind)) => {
                        let cuts: Vec<_> = cuts
                            .iter()
                            .map(|at| at.saturating_sub(range.start))
                            .collect();
                        for piece in split_block(source, &kind, &cuts) {
                            if !plain(&crate::text::markdown::blocks(&piece))
                                .trim()
                                .is_empty()
                                && !is_only_comment(&piece)
                            {
                                blocks.push(with_definitions(piece, &definitions));
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    close(&mut sections, &open, &mut blocks);
    sections
}

fn close(sections: &mut Vec<Section>, open: &[(HeadingLevel, String)], blocks: &mut Vec<String>) {
    if !blocks.is_empty() {
        let path = open.iter().map(|(_, words)| words.clone()).collect();
        sections.push(Section {
            path,
            blocks: std::mem::take(blocks),
        });
    }
}

/// Returns the words of a heading's source.
fn heading_words(source: &str) -> String {
    let words = plain(&crate::text::markdown::blocks(source));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells whether a piece is an HTML comment alone: those are notes of the document's writers.
fn is_only_comment(piece: &str) -> bool {
    let piece = piece.trim();
    piece.starts_with("<!--") && piece.find("-->").is_none_or(|end| end + 3 == piece.len())
}

/// Links by reference find their address in the passage itself: the rest of the document is not there when it is shown.
fn with_definitions(mut piece: String, definitions: &[(String, String)]) -> String {
    // A passage with more than these is a list of links.
    const MOST: usize = 8;
    if !piece.contains('[') {
        return piece;
    }
    let used: Vec<_> = definitions
        .iter()
        .filter(|(label, _)| piece.contains(&format!("[{label}]")))
        .take(MOST)
        .collect();
    for (at, (label, address)) in used.into_iter().enumerate() {
        let gap = if at == 0 { "\n\n" } else { "\n" };
        piece.push_str(&format!("{gap}[{label}]: <{address}>"));
    }
    piece
}
