//! What the visitor reads.
//!
//! Keeps true: an answer is one lead-in that names the document, and a quotation of it; nothing is said that the
//! document does not say. What is not sure enough is not quoted: the reply says that it does not know, and may name
//! where to look. Code and lists are quoted whole, so that a command can be copied. All that the assistant says in its
//! own words is in [`crate::i18n`].
//!
//! - `units`: what of a passage is quoted whole or not at all
//! - `window`: which run of it is quoted

#[cfg(test)]
mod tests;
mod units;
mod window;

use self::units::{QUOTE_CHARS, rebuild, units};
use self::window::{beginning, best_window, grown, with_context};
use super::candidate::Candidate;
use super::matcher::{Matcher, cover};
use super::search_results::SearchResults;
use crate::i18n::{Catalog, filled};
use crate::text::markdown;
use crate::wire::rich_text::Block;
use crate::wire::visitor::{Offer, Source};

/// Share of a question that a heading must have to be taken for it.
const HEADING_IS_QUESTION: f32 = 0.8;

/// What kind of reply it is, for logs and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// Quotes the site's documents.
    Found,
    /// Answers a greeting or thanks.
    Courtesy,
    /// The visitor asked for a person.
    Person,
    /// Nothing good enough was found; says so, and names what comes nearest.
    Unknown,
}

/// A message of the assistant, ready to store and send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What kind it is.
    pub kind: ReplyKind,
    /// Plain text.
    pub text: String,
    /// Rich text.
    pub blocks: Vec<Block>,
    /// What it rests on, best first, at most 3. Of `Unknown`: where the visitor may look.
    pub sources: Vec<Source>,
    /// A person, for `Person` and `Unknown`.
    pub offer: Option<Offer>,
}

/// Words what was found for a question, in these sentences; what is quoted keeps its own language.
pub fn reply(found: &SearchResults, sentences: &Catalog) -> Reply {
    if let Some(courtesy) = found.question.courtesy {
        let (kind, offer) = match courtesy {
            super::courtesy::Courtesy::Person => (ReplyKind::Person, Some(Offer::Person)),
            _ => (ReplyKind::Courtesy, None),
        };
        return plain_reply(kind, courtesy.words(sentences), offer);
    }
    let sources: Vec<Source> = found.named().into_iter().map(source).collect();
    match found.ranked.first() {
        Some(best) if found.is_quotable() => {
            let matcher = Matcher::new(&found.question, &found.corpus);
            quoted(&matcher, &best.candidate, sources, sentences)
        }
        _ if sources.is_empty() => unknown(sentences),
        _ => Reply {
            sources,
            ..plain_reply(ReplyKind::Unknown, sentences.unsure, Some(Offer::Person))
        },
    }
}

/// Returns the honest reply; also for when the index cannot be reached.
pub fn unknown(sentences: &Catalog) -> Reply {
    plain_reply(ReplyKind::Unknown, sentences.unknown, Some(Offer::Person))
}

fn plain_reply(kind: ReplyKind, text: &str, offer: Option<Offer>) -> Reply {
    Reply {
        kind,
        text: text.to_owned(),
        blocks: vec![markdown::paragraph(text)],
        sources: Vec::new(),
        offer,
    }
}

fn quoted(
    matcher: &Matcher<'_>,
    best: &Candidate,
    sources: Vec<Source>,
    sentences: &Catalog,
) -> Reply {
    let blocks = vec![
        lead_in(best, sentences),
        Block::Quote {
            content: quote(matcher, best),
        },
    ];
    Reply {
        kind: ReplyKind::Found,
        text: markdown::plain(&blocks),
        blocks,
        sources,
        offer: None,
    }
}

/// Writes “From “Title”, under “Heading”:”.
fn lead_in(candidate: &Candidate, sentences: &Catalog) -> Block {
    let title = ("title", candidate.title.trim());
    let text = match own_heading(&candidate.heading) {
        Some(heading) => filled(sentences.from_under, &[title, ("heading", heading)]),
        None => filled(sentences.from, &[title]),
    };
    markdown::paragraph(&text)
}

/// Returns a passage as the source of an answer.
pub fn source(candidate: &Candidate) -> Source {
    Source {
        title: candidate.title.clone(),
        heading: own_heading(&candidate.heading).map(str::to_owned),
        url: candidate.url.clone(),
    }
}

/// Returns the innermost heading of a path.
fn own_heading(path: &str) -> Option<&str> {
    path.rsplit(" › ")
        .next()
        .map(str::trim)
        .filter(|heading| !heading.is_empty())
}

/// Returns the part of a passage that answers best, in reading order.
fn quote(matcher: &Matcher<'_>, candidate: &Candidate) -> Vec<Block> {
    let blocks = markdown::blocks(&candidate.text);
    if markdown::plain(&blocks).chars().count() <= QUOTE_CHARS {
        return blocks;
    }
    let units = units(matcher, blocks, candidate.language);
    // A passage whose own heading is the question answers from its beginning.
    let mut named = vec![0.0; matcher.weights.len()];
    let heading = own_heading(&candidate.heading).unwrap_or(&candidate.title);
    matcher
        .hits(heading, candidate.language)
        .0
        .iter()
        .for_each(|hit| cover(&mut named, *hit));
    let window =
        best_window(matcher, &units).filter(|_| matcher.share(&named) < HEADING_IS_QUESTION);
    let (first, last) = window.unwrap_or_else(|| beginning(&units));
    let (first, last) = with_context(&units, first, last);
    let (first, last) = grown(&units, first, last);
    let (first, last) = with_context(&units, first, last);
    rebuild(
        units
            .into_iter()
            .skip(first)
            .take(last - first + 1)
            .collect(),
    )
}
