//! The object's tables: one list of migrations, to which each part that owns tables brings its own.

use std::cell::Cell;

use worker::SqlStorage;

use super::{archive, conversation, erasure_note, reviews, sessions};
use crate::http::problem::Problem;
use crate::objects::sql;

/// From nothing to the present, step by step: see [`sql::migrate`]. New steps go to the end.
const MIGRATIONS: &[&str] = &[
    conversation::TABLES,
    sessions::TABLES,
    reviews::TABLES,
    erasure_note::TABLES,
    archive::TABLES,
];

/// What erasing empties: every table but the note of the erasure itself.
pub const ERASE: &str = "
    DELETE FROM messages;
    DELETE FROM archived_messages;
    DELETE FROM archived_conversations;
    DELETE FROM status_changes;
    DELETE FROM reviews;
    DELETE FROM review_steps;
    DELETE FROM drafts;
    DELETE FROM sessions;
    DELETE FROM conversation;
";

/// Whether the tables are there.
pub struct Tables {
    sql: SqlStorage,
    are_ready: Cell<bool>,
}

impl Tables {
    /// Nothing is known of them yet.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            sql,
            are_ready: Cell::new(false),
        }
    }

    /// Makes the tables, before whatever an event does with them. Not in the constructor: a new visitor's tables and first
    /// rows reach the disk in one commit.
    pub fn prepare(&self) -> Result<(), Problem> {
        if !self.are_ready.get() {
            sql::migrate(&self.sql, MIGRATIONS)?;
            self.are_ready.set(true);
        }
        Ok(())
    }

    /// Whether this instance knows that they are there.
    pub fn are_ready(&self) -> bool {
        self.are_ready.get()
    }

    /// The storage was emptied as a whole.
    pub fn on_deleted(&self) {
        self.are_ready.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::{ERASE, MIGRATIONS};

    #[test]
    fn erasing_leaves_no_table_out() {
        let schema = MIGRATIONS.concat();
        let tables: Vec<&str> = schema
            .split("CREATE TABLE ")
            .skip(1)
            .filter_map(|table| table.split_whitespace().next())
            .collect();
        assert!(tables.len() >= 10, "{tables:?}");
        for table in tables.into_iter().filter(|table| *table != "erasure") {
            let emptied = ["DELETE FROM ", table, ";"].concat();
            assert!(ERASE.contains(&emptied), "{table}");
        }
    }
}
