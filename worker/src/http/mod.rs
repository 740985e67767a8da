//! HTTP around the handlers: what a handler is given of a request, bounded bodies, query strings, CORS, problem
//! documents, and the one way out for answers.

pub mod body;
pub mod call;
pub mod context;
pub mod cors;
pub mod problem;
pub mod query;
pub mod response;

/// The media type of server-sent events. Source: HTML Living Standard, section 9.2.
pub const EVENTS_MEDIA_TYPE: &str = "text/event-stream";
