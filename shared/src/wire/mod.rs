//! Everything that crosses a boundary, one file per conversation.
//!
//! The edge refuses fields that it does not know; clients ignore them, so that an old pinned widget lives with a new
//! edge. Hence `deny_unknown_fields` on what the edge reads and never on what it writes.

pub mod admin;
pub mod embed;
pub mod problem;
pub mod rich_text;
pub mod visitor;
