//! What a language model is told, and what of its words may be said.
//!
//! Keeps true: the model sees the rules, the passages that were found, the conversation within a budget and the
//! question, and nothing else; what is not ours in it is fenced as data; no word of the answer is shown before it has
//! passed [`output_filter`]. Leaves to others: where the model is, the time, and the organisation's books.
//!
//! - [`prompt`]: the messages of a call
//! - [`completion`]: the request's shape and the answer's stream; [`sse`]: the stream's lines
//! - [`embedding`]: texts to vectors, by which passages are ordered
//! - [`output_filter`]: what may be said, word by word; [`links`]: where it may lead
//! - [`tokens`]: what a call costs; [`budget`]: whether it may be made

pub mod budget;
pub mod completion;
pub mod embedding;
pub mod links;
pub mod output_filter;
pub mod prompt;
pub mod sse;
pub mod tokens;
