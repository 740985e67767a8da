//! A document's passages: trigrams small enough to quote and whole enough to understand.
//!
//! Markdown is cut at headings, then at [`TARGET_BYTES`] between blocks; a list is cut between items, a table between
//! rows, code between lines, and only when one of them alone is larger than [`LARGEST_BYTES`]. A paragraph that ends
//! with a colon stays with what it introduces. Plain text is cut between paragraphs.
//!
//! Keeps true: every word that a reader of the document would see is in some passage; the number and size of passages
//! is bounded by the size of the document, whatever it holds.

use std::borrow::Cow;

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::words::sentence_ends;
use crate::text::markdown::{dialect, plain};
use crate::text::{page, unicode};
use crate::wire::admin::DocumentFormat;

/// A passage grows to about this size: some 200 words, a screen of a chat. Shorter ones quote badly, longer ones are
/// about several things, and the index cannot tell which.
const TARGET_BYTES: usize = 1_400;

/// A single block may be this large before it is cut inside: a long table or list reads badly in trigrams.
const LARGEST_BYTES: usize = 2_800;

/// Headings repeat in every passage below them; no honest one is longer.
const HEADING_CHARS: usize = 120;

/// Sections beyond this number are joined with their neighbours until they reach [`TARGET_BYTES`]: a document of a
/// hundred thousand headings must not become as many rows.
const MANY: usize = 2_000;

/// A piece of a document, as the index holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Place in the document, from 0.
    pub ordinal: u32,
    /// The headings it stands under, outermost first, joined with ` › `; without the document's title; may be empty.
    pub heading: String,
    /// The words, Markdown (whatever the document's format is).
    pub text: String,
}

/// Cuts a document into passages. A document without words has none. They are in Unicode's composed form, as questions
/// are, so that a word is found however its accents were typed.
pub fn passages(format: DocumentFormat, title: &str, content: &str) -> Vec<Passage> {
    let content = match format {
        DocumentFormat::Html => Cow::Owned(page::html(content).markdown),
        DocumentFormat::Markdown | DocumentFormat::Text => Cow::Borrowed(content),
    };
    let content = &*unicode::nfc(&content);
    let mut sections = match format {
        DocumentFormat::Markdown | DocumentFormat::Html => sections(title, content),
        DocumentFormat::Text => vec![Section {
            path: Vec::new(),
            blocks: paragraphs(content),
        }],
    };
    if sections.len() > MANY {
        sections = join(sections);
    }
    let mut passages = Vec::new();
    for section in sections {
        let heading = section.path.join(" › ");
        for text in pack(section.blocks) {
            let ordinal = u32::try_from(passages.len()).unwrap_or(u32::MAX);
            passages.push(Passage {
                ordinal,
                heading: heading.clone(),
                text,
            });
        }
    }
    passages
}

/// What stands between two headings.
struct Section {
    /// The headings above, outermost first.
    path: Vec<String>,
    /// Markdown of each block.
    blocks: Vec<String>,
}

/// A Markdown document's sections, those without text left out.
fn sections(title: &str, content: &str) -> Vec<Section> {
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

/// The words of a heading's source.
fn heading_words(source: &str) -> String {
    let words = plain(&crate::text::markdown::blocks(source));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// HTML comments are notes of the document's writers.
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

/// A block, in trigrams if it is too large. `cuts` are the places between items or rows.
fn split_block(source: &str, kind: &Tag<'_>, cuts: &[usize]) -> Vec<String> {
    let source = source.trim_end();
    if source.len() <= LARGEST_BYTES {
        return vec![source.to_owned()];
    }
    match kind {
        Tag::List(_) if cuts.len() > 1 => gather(split_at(source, cuts), "\n", ""),
        Tag::Table(_) => {
            let rows = split_at(source, cuts);
            // The names of the columns and the line under them belong to every piece.
            let (head, rows) = rows
                .split_first()
                .map_or((String::new(), Vec::new()), |(head, rows)| {
                    (format!("{}\n", head.trim_end()), rows.to_vec())
                });
            if rows.is_empty() {
                vec![source.to_owned()]
            } else {
                gather(rows, "\n", &head)
            }
        }
        Tag::CodeBlock(_) => {
            let fence = if source.contains("~~~") {
                "````"
            } else {
                "~~~"
            };
            let lines: Vec<_> = source.lines().collect();
            let is_fenced = lines
                .first()
                .is_some_and(|line| line.starts_with("```") || line.starts_with("~~~"));
            let inner = match lines.as_slice() {
                [_, inner @ .., _] if is_fenced => inner,
                all => all,
            };
            let lines = inner.iter().map(|line| (*line).to_owned()).collect();
            let trigrams = gather(lines, "\n", "");
            trigrams
                .into_iter()
                .map(|piece| format!("{fence}\n{piece}\n{fence}"))
                .collect()
        }
        _ => gather(split_sentences(source), " ", ""),
    }
}

/// `source` cut at the byte positions `cuts`; what stands before the first cut is the first piece if it has words.
fn split_at(source: &str, cuts: &[usize]) -> Vec<String> {
    let ends = cuts.iter().copied().chain([source.len()]);
    let mut trigrams = Vec::new();
    let mut start = 0;
    for end in ends {
        if let Some(piece) = source
            .get(start..end)
            .filter(|piece| !piece.trim().is_empty())
        {
            trigrams.push(piece.trim_end().to_owned());
            start = end;
        }
    }
    trigrams
}

/// A long run of words as its sentences; one that has none to cut at is cut at blanks.
fn split_sentences(source: &str) -> Vec<String> {
    let mut trigrams = Vec::new();
    let mut start = 0;
    for end in sentence_ends(source).chain([source.len()]) {
        let sentence = source.get(start..end).unwrap_or_default().trim();
        start = end;
        if sentence.len() <= TARGET_BYTES {
            if !sentence.is_empty() {
                trigrams.push(sentence.to_owned());
            }
            continue;
        }
        let words = sentence.split_whitespace().flat_map(|word| {
            // A word of this length is data; it is cut so that rows stay small.
            let chars: Vec<char> = word.chars().collect();
            chars
                .chunks(TARGET_BYTES / 4)
                .map(|part| part.iter().collect::<String>())
                .collect::<Vec<_>>()
        });
        trigrams.extend(gather(words.collect(), " ", ""));
    }
    trigrams
}

/// Joins neighbours up to the target size; each result begins with `head`.
fn gather(trigrams: Vec<String>, joint: &str, head: &str) -> Vec<String> {
    let mut gathered: Vec<String> = Vec::new();
    let mut open = String::new();
    for piece in trigrams {
        if !open.is_empty() && open.len() + piece.len() > TARGET_BYTES {
            gathered.push(format!("{head}{open}"));
            open.clear();
        }
        if !open.is_empty() {
            open.push_str(joint);
        }
        open.push_str(&piece);
    }
    if !open.is_empty() {
        gathered.push(format!("{head}{open}"));
    }
    gathered
}

/// Packs a section's blocks into texts of about the target size.
fn pack(blocks: Vec<String>) -> Vec<String> {
    // A lead-in and what it introduces count as one block; a run of lead-ins introduces nothing.
    let mut whole: Vec<String> = Vec::new();
    let mut is_led_in = false;
    for block in blocks {
        let is_lead_in = block.trim_end().ends_with(':') && block.len() < TARGET_BYTES / 2;
        match whole.last_mut() {
            Some(lead_in) if is_led_in => lead_in.push_str(&format!("\n\n{block}")),
            _ => whole.push(block),
        }
        is_led_in = is_lead_in && !is_led_in;
    }
    gather(whole, "\n\n", "")
}

/// Joins neighbouring sections until each reaches the target size; their headings become words of the text.
fn join(sections: Vec<Section>) -> Vec<Section> {
    let mut joined: Vec<Section> = Vec::new();
    let mut size = usize::MAX;
    for section in sections {
        let its_size: usize = section.blocks.iter().map(|block| block.len() + 2).sum();
        match joined.last_mut() {
            Some(last) if size < TARGET_BYTES => {
                if let Some(words) = section.path.last() {
                    last.blocks.push(format!("**{words}**"));
                    size += words.len() + 6;
                }
                last.blocks.extend(section.blocks);
                size += its_size;
            }
            _ => {
                size = its_size;
                joined.push(section);
            }
        }
    }
    joined
}

/// Plain text as Markdown paragraphs that show the same words and line breaks.
fn paragraphs(content: &str) -> Vec<String> {
    let content = content.replace("\r\n", "\n").replace('\r', "\n");
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in content.split('\n').chain([""]) {
        let line = line.trim();
        if !line.is_empty() {
            lines.push(line);
            continue;
        }
        let size: usize = lines.iter().map(|line| line.len() + 1).sum();
        if size <= LARGEST_BYTES {
            let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
            paragraphs.extend((!lines.is_empty()).then(|| lines.join("\\\n")));
        } else {
            let trigrams = gather(split_sentences(&lines.join(" ")), " ", "");
            paragraphs.extend(trigrams.iter().map(|piece| escape(piece)));
        }
        lines.clear();
    }
    paragraphs
}

/// A line of plain text as Markdown that means the same.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len() + 8);
    let n_digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in line.char_indices() {
        let is_markup = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' => true,
            '-' | '+' | '=' => at == 0,
            '.' | ')' => at == n_digits && at > 0,
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::markdown::blocks;

    fn markdown(content: &str) -> Vec<Passage> {
        passages(DocumentFormat::Markdown, "Title", content)
    }

    fn shown(passages: &[Passage]) -> String {
        let texts: Vec<_> = passages
            .iter()
            .map(|passage| plain(&blocks(&passage.text)))
            .collect();
        texts.join("\n")
    }

    #[test]
    fn a_paragraph_that_is_a_heading_by_the_line_under_it_is_read_whole() {
        let long = "many words ".repeat(HEADING_CHARS) + "and the last";
        for content in [format!("{long}\n---\n\nText."), format!("## {long}\n")] {
            let found = markdown(&content);
            assert!(shown(&found).contains("and the last"));
            let is_short = |passage: &Passage| passage.heading.chars().count() <= HEADING_CHARS;
            assert!(found.iter().all(is_short));
        }
    }

    #[test]
    fn passages_stand_under_their_headings_without_the_title() {
        let content = "# Title\n\nIntro.\n\n## A\n\nOne.\n\n### A.1 `code`\n\nTwo.\n\n## B\n\n### B.1\n\nThree.\n\nOther\n=====\n\nFour.\n";
        let found: Vec<_> = markdown(content)
            .into_iter()
            .map(|p| (p.ordinal, p.heading, p.text))
            .collect();
        let expected = [
            (0, "", "Intro."),
            (1, "A", "One."),
            (2, "A › A.1 code", "Two."),
            (3, "B › B.1", "Three."),
            (4, "Other", "Four."),
        ];
        assert_eq!(
            found,
            expected.map(|(at, heading, text)| (at, heading.to_owned(), text.to_owned()))
        );
    }

    #[test]
    fn words_are_composed_however_their_accents_were_typed() {
        for format in [DocumentFormat::Markdown, DocumentFormat::Text] {
            let found = passages(format, "Title", "Cafe\u{301} Zu\u{308}rich");
            assert_eq!(found.first().map(|p| p.text.as_str()), Some("Café Zürich"));
        }
    }

    #[test]
    fn a_document_without_words_has_no_passages() {
        for content in [
            "",
            "   \n\n",
            "# Title",
            "## Only\n\n### headings",
            "---\n\n***",
            "<!-- a note -->",
            "---\na: b\n---\n",
        ] {
            assert_eq!(markdown(content), [], "{content:?}");
        }
        assert_eq!(passages(DocumentFormat::Text, "Title", " \r\n\r\n "), []);
    }

    #[test]
    fn a_heading_inside_code_is_code() {
        let found = markdown("## A\n\n```sh\n# not a heading\ncargo run\n```\n");
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .all(|p| p.heading == "A" && p.text.contains("# not a heading"))
        );
    }

    #[test]
    fn a_lead_in_stays_with_its_code() {
        let filler = "Words that fill the page. ".repeat(53);
        let found = markdown(&format!(
            "{filler}\n\nType this:\n\n```sh\ncargo run\n```\n"
        ));
        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .any(|p| p.text == "Type this:\n\n```sh\ncargo run\n```"),
            "{found:#?}"
        );
    }

    #[test]
    fn a_long_table_is_cut_between_rows_and_keeps_its_head() {
        let rows: String = (0..200)
            .map(|n| format!("| row{n} | some words about it |\n"))
            .collect();
        let found = markdown(&format!("| name | meaning |\n|---|---|\n{rows}"));
        assert!(found.len() > 3);
        assert!(
            found
                .iter()
                .all(|p| p.text.starts_with("| name | meaning |\n|---|---|\n| row")),
            "{found:#?}"
        );
        let shown = shown(&found);
        assert!(
            (0..200).all(|n| shown.contains(&format!("- row{n}: some words about it"))),
            "{shown}"
        );
    }

    #[test]
    fn a_long_list_is_cut_between_items_and_long_code_between_lines() {
        let items: String = (0..200)
            .map(|n| format!("- item{n} with some words\n  and a second line\n"))
            .collect();
        let found = markdown(&items);
        assert!(
            found.len() > 3 && found.iter().all(|p| p.text.starts_with("- item")),
            "{found:#?}"
        );
        let lines: String = (0..400).map(|n| format!("let x{n} = {n};\n")).collect();
        let found = markdown(&format!("```rust\n{lines}```\n"));
        assert!(found.len() > 3);
        let shown = shown(&found);
        assert!(
            (0..400).all(|n| shown.contains(&format!("let x{n} = {n};"))),
            "{shown}"
        );
    }

    #[test]
    fn a_link_by_reference_works_in_its_passage() {
        let found =
            markdown("## A\n\nSee [the page][p].\n\n## B\n\nOther.\n\n[p]: https://a.example/x\n");
        assert_eq!(shown(&found), "See the page (https://a.example/x).\nOther.");
    }

    #[test]
    fn plain_text_shows_as_it_was_written() {
        let content = "Opening *hours*\nMon-Fri 9_00_\n\n1. Not a list\n# no heading\n- [x](y) <b> a\\b &amp; ~~no~~ |\n\n    not code";
        let found = passages(DocumentFormat::Text, "Title", content);
        assert_eq!(
            shown(&found),
            "Opening *hours*\nMon-Fri 9_00_\n\n1. Not a list\n# no heading\n- [x](y) <b> a\\b &amp; ~~no~~ |\n\nnot code"
        );
    }

    #[test]
    fn no_document_makes_more_or_larger_passages_than_its_size_allows() {
        let size = 300_000;
        for piece in [
            "# a\n\nb\n\n",
            "a",
            "a ",
            "é",
            "- a\n",
            "> ",
            "# a",
            "|a|b|\n|-|-|\n|c|d|\n\n",
            "```\na\n",
            "a. ",
            "a:\n\n",
            "\n[a]: b\n\n[a]\n",
        ] {
            let content = piece.repeat(size / piece.len());
            let found = markdown(&content);
            assert!(
                found.len() <= 2 * size / TARGET_BYTES + MANY,
                "{piece:?}: {}",
                found.len()
            );
            let stored: usize = found.iter().map(|p| p.text.len() + p.heading.len()).sum();
            assert!(stored < 4 * size, "{piece:?}: {stored}");
            assert!(
                found.iter().all(|p| p.text.len() <= 4 * LARGEST_BYTES),
                "{piece:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(content in "(?s).{0,400}", title in ".{0,10}") {
            for format in [DocumentFormat::Markdown, DocumentFormat::Text] {
                for passage in passages(format, &title, &content) {
                    prop_assert!(!passage.text.trim().is_empty());
                }
            }
        }

        #[test]
        fn every_word_is_in_some_passage(words in prop::collection::vec("[a-z]{3,9}", 1..400), marks in prop::collection::vec(
            prop::sample::select(vec![" ", "\n", "\n\n", "\n\n- ", ". ", "\n\n> ", ": "]), 400)) {
            let content: String = words.iter().zip(&marks).map(|(word, mark)| format!("{word}{mark}")).collect();
            for format in [DocumentFormat::Markdown, DocumentFormat::Text] {
                let shown = shown(&passages(format, "Title", &content));
                for word in &words {
                    prop_assert!(shown.contains(word.as_str()), "{} not in {}", word, shown);
                }
            }
        }
    }
}
