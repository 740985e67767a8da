//! Documents to passages, questions to terms, passages to an answer or an honest "I don't know".
//!
//! Keeps true: an answer quotes the site's own documents and names them; below [`rank::BAR`] nothing is quoted; a
//! visitor's words reach the index only as quoted terms. Leaves to others: storing and searching the passages (the
//! worker, with FTS5), and who may ask.
//!
//! The worker's way: [`passages`] when a document is saved; then, for a question, [`Question::parse`], one search with
//! [`Question::match_any`], one count for each of [`Question::match_terms`], and [`reply()`].
//!
//! - [`words`]: text to words as the index sees them
//! - [`passage`]: a document's passages
//! - [`question`]: what a visitor asks; `courtesy`: what they say without asking
//! - [`rank`]: how well a passage answers; `similarity`: how alike it looks; [`meaning`]: how near it is, where a model says so
//! - [`reply`](mod@reply): what the visitor reads

mod courtesy;
pub mod embeddings;
pub mod language;
pub mod passage;
pub mod question;
pub mod rank;
pub mod reply;
pub mod spelling;
mod synonyms;
mod trigrams;
pub mod words;

pub use language::Language;
pub use passage::{Passage, passages};
pub use question::Question;
pub use rank::{Candidate, Corpus, SearchResults, TermFrequency};
pub use reply::{Reply, ReplyKind, reply, source, unknown};
