//! Documents to passages, questions to terms, passages to an answer or an honest "I don't know".
//!
//! Keeps true: an answer quotes the site's own documents and names them; below [`search_results::BAR`] nothing is
//! quoted; a visitor's words reach the index only as quoted terms. Leaves to others: storing and searching the passages
//! (the worker, with FTS5), and who may ask.
//!
//! The worker calls [`passages`] when a document is saved. For a question it calls [`Question::parse`], searches once
//! with [`Question::match_any`], counts once for each of [`Question::match_terms`], and calls [`reply()`].
//!
//! Each file uses only those above it:
//! - [`words`]: text to words as the index sees them; `sentences`: where sentences end
//! - [`language`]: the languages that are understood; `function_words`: words that say nothing; `detection`: the
//!   language of a text; [`stems`]: words without their endings; `synonyms`: words of like meaning
//! - [`passage`]: a document's passages
//! - [`embeddings`]: how near texts are in meaning, where a model says so; `candidate`: passages that the index found
//! - `ngrams`: how alike texts look; `courtesy`: what visitors say without asking
//! - [`question`]: what a visitor asks; [`spelling`]: words that they mistyped
//! - `matcher`: a question's terms in a text; [`rank`]: the order of passages; [`search_results`]: what may be quoted
//! - [`reply`](mod@reply): what the visitor reads

mod candidate;
mod courtesy;
mod detection;
pub mod embeddings;
mod float;
mod function_words;
pub mod language;
mod matcher;
mod ngrams;
pub mod passage;
pub mod question;
pub mod rank;
pub mod reply;
pub mod search_results;
mod sentences;
pub mod spelling;
pub mod stems;
mod synonyms;
pub mod words;

pub use candidate::{Candidate, Corpus, TermFrequency};
pub use language::Language;
pub use passage::{Passage, passages};
pub use question::Question;
pub use reply::{Reply, ReplyKind, reply, source, unknown};
pub use search_results::SearchResults;
