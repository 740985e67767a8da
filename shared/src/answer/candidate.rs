//! Passages that the index found, and what it knows about all of them.

use super::embeddings::Vector;
use super::language::Language;
use crate::id::UnixMs;

/// A passage that the index found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Id of the document.
    pub document: String,
    /// Title of the document.
    pub title: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Heading path of the passage.
    pub heading: String,
    /// Markdown of the passage.
    pub text: String,
    /// What the document is written in.
    pub language: Language,
    /// When the document was added or last changed.
    pub updated_at: UnixMs,
    /// What it means, on sites that have an embedding model.
    pub vector: Option<Vector>,
}

/// What the index knows about the site's passages as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// How many passages the site has.
    pub passages: u32,
    /// How many of them hold each term, in the order of [`super::Question::match_terms`]. Missing ones count as none.
    pub terms: Vec<TermFrequency>,
}

/// How many passages hold a term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermFrequency {
    /// As the visitor wrote it.
    pub own: u32,
    /// In any way.
    pub any: u32,
}

impl Candidate {
    /// Tells whether both are the same passage.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.is_beside(other) && self.text == other.text
    }

    /// Tells whether both are of one section of one document.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.document == other.document && self.heading == other.heading
    }
}
