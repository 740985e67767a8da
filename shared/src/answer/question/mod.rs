//! What a visitor asks, as terms for the index.
//!
//! Keeps true: every expression is made of quoted words of letters and digits alone, so that nothing a visitor writes
//! (quotes, operators, column names) is syntax; the number and size of the terms is bounded whatever the length of the
//! text. Source: <https://www.sqlite.org/fts5.html#full_text_query_syntax>.
//!
//! - `runs`: words that belong together
//! - `term`: one thing that is asked for
//! - `synonym_groups`: words of like meaning

mod runs;
mod synonym_groups;
mod term;
#[cfg(test)]
mod tests;

pub use term::MatchTerm;
pub(super) use term::{OWN, Spelling, Term, TermKind};

use self::runs::{is_piece_of_function_words, runs};
use self::synonym_groups::QuestionWords;
use self::term::JOINED;
use super::courtesy::{self, Courtesy};
use super::function_words::is_stop_word;
use super::language::Language;
use super::ngrams::Ngrams;
use super::stems::Stems;
use super::synonyms;

/// Questions have fewer; each term costs the index one count.
pub const MOST_TERMS: usize = 16;

/// What the owner says means the same does.
const SYNONYM: f32 = 1.0;

/// A question's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Those it may be in.
    languages: Vec<Language>,
    pub(super) terms: Vec<Term>,
    /// The words that carry no meaning of their own, each once; headings are compared with them.
    pub(super) stop_words: Vec<String>,
    /// All of it, letter by letter.
    pub(super) ngrams: Ngrams,
    pub(super) courtesy: Option<Courtesy>,
}

impl Question {
    /// Reads a visitor's words. `synonyms` are the site owner's: each group's words and phrases stand for each other.
    pub fn parse(text: &str, synonyms: &[Vec<String>]) -> Self {
        let languages = Language::of_question(text);
        let stems = Stems::default();
        let mut terms: Vec<Term> = Vec::new();
        let mut stop_words: Vec<String> = Vec::new();
        // The words in their order, with the term that each is of.
        let mut sequence: Vec<(String, Option<usize>)> = Vec::new();
        let runs = runs(text);
        for (at, run) in runs.iter().enumerate() {
            let is_name = run.words.len() > 1;
            let is_empty = run.words.iter().all(|word| is_stop_word(word, &languages));
            if is_empty || is_piece_of_function_words(&runs, at) {
                sequence.extend(run.words.iter().map(|word| (word.clone(), None)));
                if stop_words.len() < MOST_TERMS
                    && !run.words.iter().any(|word| stop_words.contains(word))
                {
                    stop_words.extend(run.words.iter().cloned());
                }
                continue;
            }
            let mut term = Term::new(run, &languages, &stems);
            // People write `back up` and documents `backup`.
            let next = runs.get(at + 1).filter(|next| {
                !is_name && next.words.len() == 1 && [run, next].iter().all(|run| run.is_spaced())
            });
            if let (Some(word), Some(next)) =
                (run.words.first(), next.and_then(|next| next.words.first()))
            {
                term.add(&[format!("{word}{next}")], JOINED, &languages, &stems);
            }
            let known = terms
                .iter()
                .position(|known| known.spellings.first() == term.spellings.first());
            let at = known.unwrap_or(terms.len());
            sequence.extend(run.words.iter().map(|word| (word.clone(), Some(at))));
            if known.is_none() {
                terms.push(term);
            }
        }
        let asked = QuestionWords {
            sequence: &sequence,
            stems: &stems,
        };
        for group in synonyms {
            let group: Vec<&str> = group.iter().map(String::as_str).collect();
            asked.add_group(&mut terms, &group, SYNONYM, &languages);
        }
        for language in &languages {
            for (weight, group) in synonyms::groups(*language) {
                asked.add_group(&mut terms, &group, weight, &[*language]);
            }
        }
        // Of a long text, the beginning and the end: people open with the matter or close with the question.
        if terms.len() > MOST_TERMS {
            let tail = terms.split_off(terms.len() - MOST_TERMS / 2);
            terms.truncate(MOST_TERMS - tail.len());
            terms.extend(tail);
        }
        let courtesy = courtesy::read(text);
        if courtesy.is_some() {
            terms.clear();
        }
        Self {
            languages,
            terms,
            stop_words,
            ngrams: Ngrams::of(text),
            courtesy,
        }
    }

    /// Tells whether it is a greeting, thanks or the wish for a person, and not a question to the documents.
    pub fn is_courtesy(&self) -> bool {
        self.courtesy.is_some()
    }

    /// Tells whether there is nothing to search for: a greeting, or no words that ask for anything. [`super::reply()`]
    /// answers it without candidates.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns one FTS5 expression that matches every passage with any of the terms. Empty when the question is. Every
    /// word begins with `prefix`, which is letters and digits.
    pub fn match_any(&self, prefix: &str) -> String {
        let expression = |term: &Term| term.expression(prefix, 0.0);
        let terms: Vec<_> = self.terms.iter().map(expression).collect();
        terms.join(" OR ")
    }

    /// Returns of each term the expressions that count the passages with it.
    pub fn match_terms(&self, prefix: &str) -> Vec<MatchTerm> {
        let of = |term: &Term| MatchTerm {
            own: term.expression(prefix, OWN),
            any: term.expression(prefix, 0.0),
        };
        self.terms.iter().map(of).collect()
    }

    pub(super) fn is_stop_word(&self, folded: &str) -> bool {
        is_stop_word(folded, &self.languages)
    }
}
