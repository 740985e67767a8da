//! Everything that crosses a boundary, one file per conversation; the endpoints that carry it are declared as `api`
//! says, and described in OpenAPI with the feature `describe`.
//!
//! The edge refuses fields that it does not know; clients ignore them, so that an old pinned widget lives with a new
//! edge. Hence `deny_unknown_fields` on what the edge reads and never on what it writes.

#[macro_use]
pub mod api;

pub mod admin;
pub mod embed;
pub mod health;
pub mod problem;
pub mod review;
pub mod rich_text;
pub mod site;
pub mod theme;
pub mod transcript;
pub mod usage;
pub mod visitor;
pub mod webhook;

/// Bytes of a body at the most. Nothing but a document comes near this.
pub const BODY_MAX_BYTES: usize = 64 * 1024;
/// Bytes of a document's body at the most. D1 keeps 2,000,000 in one value where it is deployed, and more locally: a
/// document between the two cannot be saved there.
pub const DOCUMENT_MAX_BYTES: usize = 2 * 1024 * 1024;
