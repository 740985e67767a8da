//! HTTP around the handlers: the one wrapper that dresses every answer, CORS, bounded bodies, problem documents,
//! and the facts of one request.

pub mod body;
pub mod context;
pub mod cors;
pub mod problem;
pub mod query;
pub mod response;

/// The media type of server-sent events. Source: HTML Living Standard, section 9.2.
pub const EVENTS_MEDIA_TYPE: &str = "text/event-stream";
