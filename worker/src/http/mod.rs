//! HTTP around the handlers: the one wrapper that dresses every answer, CORS, bounded bodies, problem documents.

pub mod answer;
pub mod body;
pub mod cors;
pub mod problem;
pub mod query;
