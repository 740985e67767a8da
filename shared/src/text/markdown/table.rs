//! A table, or the list of its rows where a chat has no room for it and where text is plain.

use super::run::{plain_inline, push_words};
use crate::wire::rich_text::{Block, Cell, Inline};

/// Columns of a table that stays one. The widest of real documents' tables have ten; wider ones read better row by row.
pub const TABLE_MAX_COLUMNS: usize = 12;

/// Rows of a table that stays one. A chat that scrolls through more of them has answered nothing.
pub const TABLE_MAX_ROWS: usize = 100;

/// Real columns are called by a word or three.
const COLUMN_NAME_MAX_BYTES: usize = 60;

/// Makes a table with words in it, as one where it has columns and the chat has room, otherwise as a list.
pub(super) fn table(head: Vec<Cell>, rows: Vec<Vec<Cell>>) -> Option<Block> {
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

/// Makes a list of the rows of a table.
pub(super) fn listed(head: &[Cell], rows: &[Vec<Cell>]) -> Block {
    let item = |cells: &Vec<Cell>| {
        let content = row(cells, head)?;
        Some(vec![Block::Paragraph { content }])
    };
    Block::List {
        ordered: false,
        items: rows.iter().filter_map(item).collect(),
    }
}

/// Writes a table's row as a line: the first cell, then each other one after the name of its column.
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
