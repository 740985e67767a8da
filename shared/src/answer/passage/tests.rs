//! Nothing is lost when a document is cut, and what belongs together stays together.

use proptest::prelude::*;

use super::pieces::{LARGEST_BYTES, TARGET_BYTES};
use super::sections::HEADING_CHARS;
use super::*;
use crate::text::markdown::blocks;
use crate::text::markdown::plain;

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
