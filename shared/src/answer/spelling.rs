//! Mistyped words: the second try, when no document has a word.
//!
//! The index is asked for the site's own words that begin alike and are about as long, in the same round trip as the
//! question, and only for words that no passage has; the nearest of them become further ways to write the term. So a
//! word is only ever taken for one that this site uses.
//!
//! Distance is Damerau's: a letter more, less or other, or two neighbours that changed places.

use serde::Serialize;

use super::question::{Question, Term, TermKind};

/// Shorter words have too many neighbours.
const SHORTEST: usize = 4;
/// From this length on, two mistakes are still one word.
const LONG: usize = 8;
/// Neighbours of one word that are tried.
const MOST_NEAR: usize = 3;
/// What a word weighs that was typed with one mistake, and with two.
const ONE_MISTAKE: f32 = 0.9;
const TWO_MISTAKES: f32 = 0.75;

/// A word of the question that may be mistyped: which of the site's words the index is to give if no passage has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SpellingQuery {
    /// Which term of the question.
    pub term: usize,
    /// The expression that finds the term if it is written right.
    pub expression: String,
    /// The site's words from this one on.
    pub from: String,
    /// Up to this one, which is not meant any more.
    pub until: String,
    /// Length of the shortest word that is near enough, in characters.
    pub shortest: usize,
    /// And of the longest.
    pub longest: usize,
}

/// A word of the site that may be what a term means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpellingSuggestion {
    /// Which term.
    pub term: usize,
    /// The word as the index has it, without the site's prefix.
    pub word: String,
}

impl Question {
    /// Returns the words that may be mistyped. `prefix` is what all of the site's words begin with in the index.
    pub fn spelling_queries(&self, prefix: &str) -> Vec<SpellingQuery> {
        let query = |(at, term): (usize, &Term)| {
            let [word] = term.own.as_slice() else {
                return None;
            };
            if term.kind != TermKind::Word || mistakes(word) == 0 {
                return None;
            }
            let first = word.chars().next()?;
            // The letter after it in the index's order, which is by bytes.
            let next = char::from_u32(u32::from(first) + 1)?;
            let lengths = || term.forms().map(|form| form.chars().count());
            Some(SpellingQuery {
                term: at,
                expression: term.expression(prefix, 0.0),
                from: format!("{prefix}{first}"),
                until: format!("{prefix}{next}"),
                shortest: prefix.len() + lengths().min()?.saturating_sub(mistakes(word)),
                longest: prefix.len() + lengths().max()? + mistakes(word),
            })
        };
        self.terms.iter().enumerate().filter_map(query).collect()
    }

    /// Returns the question with words of the site for those that were mistyped. `None` when none is near enough.
    #[must_use]
    pub fn corrected(&self, near: &[SpellingSuggestion]) -> Option<Self> {
        let mut corrected = self.clone();
        let mut is_changed = false;
        for (at, term) in corrected.terms.iter_mut().enumerate() {
            let forms: Vec<String> = term.forms().map(str::to_owned).collect();
            let mut found: Vec<(usize, &str)> = Vec::new();
            for near in near.iter().filter(|near| near.term == at) {
                let least = forms
                    .iter()
                    .filter_map(|form| distance(form, &near.word, mistakes(form)))
                    .min();
                found.extend(least.map(|least| (least, near.word.as_str())));
            }
            found.sort_unstable();
            let nearest = found.first().map(|(distance, _)| *distance);
            for (distance, word) in found.iter().take(MOST_NEAR) {
                if Some(*distance) == nearest {
                    let weight = if *distance > 1 {
                        TWO_MISTAKES
                    } else {
                        ONE_MISTAKE
                    };
                    term.add_stems(vec![(*word).to_owned()], weight);
                    is_changed = true;
                }
            }
        }
        is_changed.then_some(corrected)
    }
}

/// Tells how many mistakes a word may have and still be recognised.
fn mistakes(word: &str) -> usize {
    match word.chars().count() {
        _ if !word.chars().all(char::is_alphabetic) => 0,
        ..SHORTEST => 0,
        SHORTEST..LONG => 1,
        _ => 2,
    }
}

/// Tells how many mistakes lead from one word to the other, if not more than `most`: letters more, less, other, or
/// swapped with their neighbour. Words that begin otherwise are others.
fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let lengths = one.chars().count().abs_diff(other.chars().count());
    if one.chars().next() != other.chars().next() || lengths > most {
        return None;
    }
    Some(strsim::osa_distance(one, other)).filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mistake_is_a_letter_more_less_other_or_swapped() {
        for (one, other, expected) in [
            ("refund", "refund", Some(0)),
            ("refnud", "refund", Some(1)),
            ("refud", "refund", Some(1)),
            ("reffund", "refund", Some(1)),
            ("refond", "refund", Some(1)),
            ("refxyd", "refund", Some(2)),
            ("refxyz", "refund", None),
            ("defund", "refund", None),
            ("refunding", "refund", None),
            ("", "", Some(0)),
        ] {
            assert_eq!(distance(one, other, 2), expected, "{one} {other}");
        }
    }

    #[test]
    fn a_mistyped_word_is_taken_for_the_nearest_that_the_site_has() {
        let question = Question::parse("When do I get my refnud?", &[]);
        let [query] = question
            .spelling_queries("s1x")
            .try_into()
            .expect("one word");
        assert_eq!(
            (query.from.as_str(), query.until.as_str()),
            ("s1xr", "s1xs")
        );
        let near = |word: &str| SpellingSuggestion {
            term: query.term,
            word: word.to_owned(),
        };
        let corrected = question.corrected(&[near("refus"), near("refund"), near("return")]);
        let expected = "(\"s1xrefnud\" OR \"s1xrefnuding\" OR \"s1xrefund\")";
        assert!(
            corrected
                .is_some_and(|corrected| corrected.match_any("s1x").contains("OR \"s1xrefund\"")),
            "{expected}"
        );
        assert_eq!(question.corrected(&[near("return"), near("reset")]), None);
        assert_eq!(question.corrected(&[]), None);
    }

    #[test]
    fn short_words_names_and_numbers_are_not_guessed_at() {
        for text in ["api", "D1", "token_missing", "2024", "配送料", "???"] {
            assert_eq!(
                Question::parse(text, &[]).spelling_queries("s1x"),
                [],
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn distance_is_the_same_both_ways(one in "[a-d]{0,9}", other in "[a-d]{0,9}") {
            prop_assert_eq!(distance(&one, &other, 2), distance(&other, &one, 2));
        }
    }
}
