//! Rich text: the blocks of a message.

use oriel_shared::wire::rich_text::{Block, Cell, Inline};

use super::json::{Json, all, is_true, text};

/// Deepest nesting that is drawn. The edge writes less; this keeps the stack safe from anything else.
const MAX_DEPTH: u32 = 12;

/// Reads the blocks of a message. None at all when one is of a kind that this widget does not know: then the message's
/// plain text is shown.
pub fn blocks(json: &impl Json) -> Vec<Block> {
    nested(json, MAX_DEPTH).unwrap_or_default()
}

fn nested<J: Json>(json: &J, depth: u32) -> Option<Vec<Block>> {
    let mut read = Vec::new();
    let Some(depth) = depth.checked_sub(1) else {
        return Some(read);
    };
    for json in &json.items() {
        read.push(match &*text(json, "type") {
            "paragraph" => Block::Paragraph {
                content: inlines(&json.get("content"), depth),
            },
            "list" => Block::List {
                ordered: is_true(json, "ordered"),
                items: {
                    let mut items = Vec::new();
                    for item in json.get("items").items() {
                        items.push(nested(&item, depth)?);
                    }
                    items
                },
            },
            "code" => Block::Code {
                language: text(json, "language"),
                text: text(json, "text"),
            },
            "quote" => Block::Quote {
                content: nested(&json.get("content"), depth)?,
            },
            "table" => Block::Table {
                head: cells(&json.get("head"), depth),
                rows: all(&json.get("rows"), |row| Some(cells(row, depth))),
            },
            _ => return None,
        });
    }
    Some(read)
}

fn cells<J: Json>(json: &J, depth: u32) -> Vec<Cell> {
    all(json, |cell| Some(inlines(cell, depth)))
}

fn inlines<J: Json>(json: &J, depth: u32) -> Vec<Inline> {
    let mut read = Vec::new();
    let Some(depth) = depth.checked_sub(1) else {
        return read;
    };
    for json in &json.items() {
        let content = || inlines(&json.get("content"), depth);
        read.push(match &*text(json, "type") {
            "text" => Inline::Text {
                text: text(json, "text"),
            },
            "strong" => Inline::Strong { content: content() },
            "emphasis" => Inline::Emphasis { content: content() },
            "code" => Inline::Code {
                text: text(json, "text"),
            },
            "link" => Inline::Link {
                href: text(json, "href"),
                content: content(),
            },
            _ => continue,
        });
    }
    read
}

#[cfg(test)]
pub mod tests {
    use serde_json::{Value, json, to_value};

    use super::{super::frames::message, *};

    fn words(text: &str) -> Vec<Inline> {
        vec![Inline::Text {
            text: text.to_owned(),
        }]
    }

    fn every_inline() -> Vec<Inline> {
        vec![
            Inline::Text {
                text: "plain".to_owned(),
            },
            Inline::Strong {
                content: words("a"),
            },
            Inline::Emphasis {
                content: words("b"),
            },
            Inline::Code {
                text: "c".to_owned(),
            },
            Inline::Link {
                href: "https://example.com/".to_owned(),
                content: words("d"),
            },
        ]
    }

    /// One block of every kind at least, with all kinds of inline text.
    pub fn every_block() -> Vec<Block> {
        let paragraph = Block::Paragraph {
            content: every_inline(),
        };
        vec![
            paragraph.clone(),
            Block::Quote {
                content: vec![paragraph.clone()],
            },
            Block::List {
                ordered: true,
                items: vec![vec![paragraph.clone()], vec![]],
            },
            Block::List {
                ordered: false,
                items: vec![vec![paragraph]],
            },
            Block::Code {
                language: "sh".to_owned(),
                text: "cargo xtask dev\n".to_owned(),
            },
            Block::Table {
                head: vec![words("a"), words("b")],
                rows: vec![vec![words("c"), vec![]], vec![]],
            },
        ]
    }

    /// The place of a variant among the samples: a new one does not compile before it has one.
    const fn block_place(block: &Block) -> usize {
        match block {
            Block::Paragraph { .. } => 0,
            Block::Quote { .. } => 1,
            Block::List { .. } => 2,
            Block::Code { .. } => 3,
            Block::Table { .. } => 4,
        }
    }

    const fn inline_place(inline: &Inline) -> usize {
        match inline {
            Inline::Text { .. } => 0,
            Inline::Strong { .. } => 1,
            Inline::Emphasis { .. } => 2,
            Inline::Code { .. } => 3,
            Inline::Link { .. } => 4,
        }
    }

    #[test]
    fn every_kind_of_rich_text_is_read_as_the_wire_writes_it() {
        let all = every_block();
        let mut kinds: Vec<usize> = all.iter().map(block_place).collect();
        kinds.dedup();
        assert!(kinds.into_iter().eq(0..5));
        assert!(every_inline().iter().map(inline_place).eq(0..5));
        let json = to_value(&all).expect("the wire's own types are JSON");
        assert_eq!(blocks(&json), all);
    }

    #[test]
    fn unknown_inline_text_is_left_out() {
        let json = json!([{"type": "paragraph", "content": [{"type": "image"}]}]);
        assert_eq!(blocks(&json), [Block::Paragraph { content: vec![] }]);
    }

    #[test]
    fn what_holds_an_unknown_kind_of_block_is_shown_as_its_text() {
        let paragraph = json!({"type": "paragraph", "content": []});
        for unknown in [
            json!([{"type": "video"}]),
            json!([paragraph, {"type": "video"}]),
            json!([{"type": "quote", "content": [paragraph, {"type": "video"}]}]),
            json!([{"type": "list", "items": [[paragraph], [{"type": "video"}]]}]),
        ] {
            let json = json!({"type": "message", "seq": 1, "id": "m", "role": "agent", "text": "t", "at": "",
                "blocks": unknown});
            let message = message(&json).expect("a message");
            assert_eq!(
                (&*message.text, &*message.blocks),
                ("t", &[][..]),
                "{unknown}"
            );
        }
    }

    #[test]
    fn rich_text_deeper_than_any_of_ours_is_cut() {
        let deep = (0..100).fold(
            json!([]),
            |content: Value, _| json!([{"type": "quote", "content": content}]),
        );
        fn depth(blocks: &[Block]) -> u32 {
            match blocks {
                [Block::Quote { content }] => 1 + depth(content),
                _ => 0,
            }
        }
        assert_eq!(depth(&blocks(&deep)), MAX_DEPTH);
    }
}
