//! Payloads, nesting, tables and the words that are left, block by block.

use proptest::prelude::*;

use super::*;
use crate::wire::rich_text::Inline;

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
            Block::List { items, .. } => items.iter().for_each(|item| found.extend(links(item))),
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
        Block::List { items, .. } => items.iter().map(|item| depth(item)).max().unwrap_or(0) + 1,
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
