//! From the browser's `JSON.parse` to the wire's own types, and from frames to JSON text.
//!
//! The shapes are those of `oriel_shared::wire`; derived readers for them cost the visitor several KiB (an internally
//! tagged enum keeps a whole JSON parser and a buffer type in the program), so the tree that the browser parsed is
//! walked instead. Every struct is taken apart or built with all of its fields, so that a new field does not compile
//! before it is read here; the tests name every variant, and hold the readers to what the edge's derived code writes
//! and the writers to what it reads.
//!
//! Unknown fields are ignored, unknown kinds of inline text are dropped, and of a message with an unknown kind of block
//! the plain text is shown, so that an old pinned widget lives with a newer edge.
//!
//! - [`json`]: reading JSON values, writing JSON text
//! - [`frames`]: what the edge and the widget send each other
//! - [`rich_text`]: the blocks of a message
//! - [`site`]: what the frame document and the host page say

pub mod frames;
pub mod json;
mod rich_text;
pub mod site;

pub use json::Json;
