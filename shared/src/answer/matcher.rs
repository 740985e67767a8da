//! Finds a question's terms in texts, and weighs what it finds.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).

use super::candidate::{Candidate, Corpus, TermFrequency};
use super::float::count;
use super::language::Language;
use super::question::{OWN, Question, Spelling, TermKind};
use super::stems::Stems;
use super::words::words;

/// What each sign of a good passage counts; each is a share, 0 to 1. BM25 of the body: how often it speaks of what was
/// asked.
const BODY: f32 = 4.5;

/// What was asked stands close together.
const CLOSE: f32 = 3.5;

/// In the visitor's own words.
const OWN_WORDS: f32 = 4.0;

/// In title and headings.
const NAMED: f32 = 3.5;

/// The heading says the same as the question.
const ABOUT: f32 = 3.0;

/// Words that were neighbours in the question are neighbours here.
const ADJACENT: f32 = 1.0;

/// Neighbours have at most this distance, in words.
const NEIGHBOURS: usize = 4;

/// Repeating a word helps less and less; the usual value.
const SATURATION: f32 = 1.2;

/// How much longer passages pay; lower than usual, because passages are cut to one size anyway.
const LENGTH_PRICE: f32 = 0.4;

/// Passages shorter than this share of the usual are no better for it: a line that introduces a page has little to say.
const SHORT: f32 = 0.8;

/// In headings: what a stop word weighs, and a word that was not asked for.
const STOP_WEIGHT: f32 = 0.8;

const OTHER_WEIGHT: f32 = 2.5;

/// How far such a heading closes the gap between a passage's confidence and certainty.
const LIFT: f32 = 0.7;

/// A question of one word says little about what is wanted, unless the word is rare: it leaves up to a third of doubt,
/// one of three words a seventh.
const DOUBT: f32 = 0.5;

/// Added to the number of passages when a word's weight is taken, as if the site had this many more passages without
/// the word: on a site of three passages every word would look common otherwise.
const PRIOR_PASSAGES: f32 = 10.0;

/// What a word that no passage has weighs, beside the rarest word that one has. Below 1, since people also use words
/// that documents do without.
const ABSENT: f32 = 1.1;

/// What a general word that no passage has weighs beside the rarest word that one has.
const LIGHT_ABSENT: f32 = 0.5;

/// What a pair of characters that no passage has weighs beside it: it may be no word.
const PIECE_ABSENT: f32 = 0.5;

/// Words this far apart are about the same thing: some two sentences.
const CLOSE_WORDS: usize = 20;

/// Finds a question's terms in texts.
pub(super) struct Matcher<'q> {
    question: &'q Question,
    /// Of each term: what it weighs.
    pub weights: Vec<f32>,
    /// What a word weighs that next to no passage has.
    rarest: f32,
    stems: Stems,
    /// First letters of all stems: a word that begins otherwise cannot match and is not stemmed.
    initials: Vec<char>,
}

/// A term in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// Which term.
    pub term: usize,
    /// At which word of the text.
    pub at: usize,
    /// Weight of the spelling.
    pub weight: f32,
}

/// What a passage has of a question. Of each term: the best spelling's weight.
pub(super) struct PassageTerms {
    /// How often in the body, by the weight of the spelling.
    frequencies: Vec<f32>,
    /// Anywhere.
    covered: Vec<f32>,
    /// Within the best [`CLOSE_WORDS`], title and headings included.
    covered_close: Vec<f32>,
    /// In title and headings.
    named: Vec<f32>,
    /// See [`Matcher::adjacency`].
    adjacency: f32,
    /// See [`Matcher::is_about`].
    is_about: f32,
    pub n_words: usize,
}

impl<'q> Matcher<'q> {
    pub fn new(question: &'q Question, corpus: &Corpus) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a weight needs no more digits")]
        let weight = |kind: TermKind, n_with: u32| {
            let all = corpus.passages.max(n_with) as f32 + PRIOR_PASSAGES;
            match (n_with, kind) {
                (0, TermKind::Word) => ABSENT * all.ln(),
                (0, TermKind::Light) => LIGHT_ABSENT * all.ln(),
                (0, TermKind::Piece) => PIECE_ABSENT * all.ln(),
                (n_with, _) => (all / (n_with as f32 + 0.5)).ln(),
            }
        };
        let frequencies = corpus.terms.iter().copied();
        let frequencies = frequencies.chain(std::iter::repeat(TermFrequency::default()));
        // A word of like meaning does not make the visitor's own any more common.
        let frequencies = frequencies.map(|n| if n.own > 0 { n.own } else { n.any });
        let weights = question
            .terms
            .iter()
            .zip(frequencies)
            .map(|(term, n_with)| weight(term.kind, n_with))
            .collect();
        let spellings = || question.terms.iter().flat_map(|term| &term.spellings);
        let initials = spellings()
            .flat_map(|spelling| &spelling.stems)
            .filter_map(|stem| stem.chars().next())
            .collect();
        Self {
            question,
            weights,
            rarest: weight(TermKind::Word, 0) / ABSENT,
            stems: Stems::default(),
            initials,
        }
    }

    fn spellings(&self) -> impl Iterator<Item = &'q [Spelling]> + use<'q> {
        self.question
            .terms
            .iter()
            .map(|term| term.spellings.as_slice())
    }

    /// Returns the terms in a text of this language, in order, and how many words it has.
    pub fn hits(&self, text: &str, language: Language) -> (Vec<Hit>, usize) {
        let stems: Vec<String> = words(text)
            .map(|word| {
                let may_match = word
                    .folded
                    .chars()
                    .next()
                    .is_some_and(|first| self.initials.contains(&first));
                if may_match {
                    self.stems.of(&word.folded, language)
                } else {
                    String::new()
                }
            })
            .collect();
        let mut hits = Vec::new();
        for at in 0..stems.len() {
            let rest = stems.get(at..).unwrap_or_default();
            if rest.first().is_none_or(String::is_empty) {
                continue;
            }
            for (term, spellings) in self.spellings().enumerate() {
                let found = spellings
                    .iter()
                    .find(|spelling| rest.starts_with(&spelling.stems));
                hits.extend(found.map(|spelling| Hit {
                    term,
                    at,
                    weight: spelling.weight,
                }));
            }
        }
        (hits, stems.len())
    }

    pub fn read(&self, candidate: &Candidate) -> PassageTerms {
        let none = vec![0.0_f32; self.weights.len()];
        let hits_of = |text: &str| self.hits(text, candidate.language);
        let (in_title, _) = hits_of(&candidate.title);
        let (in_headings, _) = hits_of(&candidate.heading);
        let (in_body, n_words) = hits_of(&candidate.text);
        let mut named = none.clone();
        for hit in in_title.iter().chain(&in_headings) {
            cover(&mut named, *hit);
        }
        let mut covered = named.clone();
        let mut covered_close = named.clone();
        let mut frequencies = none;
        for (first, start) in in_body.iter().enumerate() {
            cover(&mut covered, *start);
            if let Some(frequency) = frequencies.get_mut(start.term) {
                *frequency += start.weight;
            }
            let mut near = named.clone();
            let rest = in_body.iter().skip(first);
            for hit in rest.take_while(|hit| hit.at <= start.at + CLOSE_WORDS) {
                cover(&mut near, *hit);
            }
            if self.share(&near) > self.share(&covered_close) {
                covered_close = near;
            }
        }
        let path = if candidate.heading.is_empty() {
            &candidate.title
        } else {
            &candidate.heading
        };
        PassageTerms {
            frequencies,
            covered,
            covered_close,
            named,
            adjacency: self.adjacency(&in_body).max(self.adjacency(&in_headings)),
            is_about: self.is_about(path, candidate.language),
            n_words,
        }
    }

    /// Returns the share of neighbours in the question, by weight, that are neighbours in the text too, in any order.
    fn adjacency(&self, hits: &[Hit]) -> f32 {
        let pairs = self.weights.iter().zip(self.weights.iter().skip(1));
        let (mut asked, mut found) = (0.0, 0.0);
        for (term, (first, second)) in pairs.enumerate() {
            asked += first + second;
            let of = |term: usize| hits.iter().filter(move |hit| hit.term == term);
            let is_near = of(term).any(|one| {
                of(term + 1).any(|other| (1..=NEIGHBOURS).contains(&one.at.abs_diff(other.at)))
            });
            if is_near {
                found += first + second;
            }
        }
        if asked > 0.0 { found / asked } else { 0.0 }
    }

    /// Tells how far a heading and the question say the same: the harmonic mean of the share of the heading that was
    /// asked for and the share of the question that the heading has, by weight. Stop words count a little here: "put
    /// the chat on your website" is nearer to "how do I put the chat on my website" than other headings on chats are.
    fn is_about(&self, path: &str, language: Language) -> f32 {
        let own = path.rsplit(" › ").next().unwrap_or(path);
        let (hits, _) = self.hits(own, language);
        let mut covered = vec![0.0; self.weights.len()];
        hits.iter().for_each(|hit| cover(&mut covered, *hit));
        let asked: f32 =
            self.weights.iter().sum::<f32>() + STOP_WEIGHT * count(self.question.stop_words.len());
        let mut said = 0.0;
        let mut both: f32 = covered
            .iter()
            .zip(&self.weights)
            .map(|(covered, weight)| covered * weight)
            .sum();
        for (at, word) in words(own).enumerate() {
            let weight_of_hit = hits
                .iter()
                .find(|hit| hit.at == at)
                .and_then(|hit| self.weights.get(hit.term));
            said += match weight_of_hit {
                Some(weight) => *weight,
                None if self.question.is_stop_word(&word.folded) => STOP_WEIGHT,
                None => OTHER_WEIGHT,
            };
            if self.question.stop_words.contains(&word.folded) {
                both += STOP_WEIGHT;
            }
        }
        if both > 0.0 {
            (2.0 * both / (said + asked)).min(1.0)
        } else {
            0.0
        }
    }

    /// Returns confidence and score of what was read.
    pub fn weigh(&self, reading: &PassageTerms, mean_words: f32) -> (f32, f32) {
        let length = (count(reading.n_words) / mean_words).max(SHORT);
        let length = 1.0 - LENGTH_PRICE + LENGTH_PRICE * length;
        let saturated = reading.frequencies.iter();
        let saturated: Vec<f32> = saturated
            .map(|frequency| frequency / (frequency + SATURATION * length))
            .collect();
        let own = reading.covered.iter();
        let own: Vec<f32> = own
            .map(|weight| if *weight >= OWN { 1.0 } else { 0.0 })
            .collect();
        let (close, own) = (self.share(&reading.covered_close), self.share(&own));
        let score = BODY * self.share(&saturated)
            + CLOSE * close
            + OWN_WORDS * own
            + NAMED * self.share(&reading.named)
            + ABOUT * reading.is_about
            + ADJACENT * reading.adjacency;
        let n_terms = count(self.weights.len());
        let spoken_of = (close + own) / 2.0 * n_terms / (n_terms + self.doubt());
        let confidence = spoken_of + LIFT * (1.0 - spoken_of) * reading.is_about;
        (confidence, score)
    }

    /// Tells how much doubt a question leaves that says little. One rare word says what is wanted, a common one does
    /// not.
    fn doubt(&self) -> f32 {
        let [weight] = self.weights.as_slice() else {
            return DOUBT;
        };
        let rarity = (weight / self.rarest).min(1.0);
        DOUBT * (1.0 - rarity * rarity)
    }

    /// Returns the share of the question's weight that `covered` has, 0 to 1.
    pub fn share(&self, covered: &[f32]) -> f32 {
        let whole: f32 = self.weights.iter().sum();
        let part: f32 = covered
            .iter()
            .zip(&self.weights)
            .map(|(covered, weight)| covered * weight)
            .sum();
        if whole > 0.0 { part / whole } else { 0.0 }
    }
}

/// Notes that a term is there.
pub(super) fn cover(covered: &mut [f32], hit: Hit) {
    if let Some(covered) = covered.get_mut(hit.term) {
        *covered = covered.max(hit.weight);
    }
}
