//! What a site's documents have for a question: passages in their order, and whether the best may be quoted.

use super::candidate::{Candidate, Corpus};
use super::embeddings::{self, Vector};
use super::question::Question;
use super::rank::{Ranked, rank};

/// Below this confidence nothing is quoted: the assistant says that it does not know.
///
/// `shared/tests/answers` prints how many questions are answered rightly and wrongly at this and other bars.
pub const BAR: f32 = 0.76;

/// From this confidence on a model may word an answer from the passages: it reads them, and can say that they do not
/// answer.
const GROUND: f32 = 0.5;

/// Where the site has an embedding model: how near passage and question are in meaning, for each standard deviation.
/// Chosen on the tuning part of `testdata/answers`, with the lists of like words and without them.
const NEAR: f32 = 2.0;

/// Beside a quotation: how near in meaning another section has to be, in standard deviations, to be named too.
const ALSO_NEAR: f32 = 2.0;

/// Below this confidence a passage is not even named as what comes nearest.
const NEAREST: f32 = 0.08;

/// Beside an answer, a passage is named when it has this share of the best one's score.
const ALSO_RELEVANT: f32 = 0.6;

/// Passages that are named with an answer.
const MOST_NAMED: usize = 3;

/// What a site's documents have for a question.
#[derive(Clone, Debug)]
pub struct SearchResults {
    /// The question as it was searched.
    pub question: Question,
    /// What the index knows about its terms.
    pub corpus: Corpus,
    /// Passages, best first.
    pub ranked: Vec<Ranked>,
    /// Of the passage whose words are worth most.
    confidence: f32,
    /// Whether the order is by meaning too.
    has_embeddings: bool,
}

impl SearchResults {
    /// Weighs what the index gave.
    pub fn new(question: Question, corpus: Corpus, candidates: Vec<Candidate>) -> Self {
        let ranked = rank(&question, &corpus, candidates);
        let best = ranked.first().filter(|_| !question.is_empty());
        let confidence = best.map_or(0.0, |best| best.confidence);
        Self {
            question,
            corpus,
            ranked,
            confidence,
            has_embeddings: false,
        }
    }

    /// Tells whether meaning may change what the visitor reads: something is asked, and there are passages.
    pub fn wants_embeddings(&self) -> bool {
        let is_asked = !self.question.is_empty() && !self.question.is_courtesy();
        is_asked && !self.ranked.is_empty()
    }

    /// Tells how many of the passages have no vector.
    pub fn n_without_vector(&self) -> usize {
        let has_none = |ranked: &&Ranked| ranked.candidate.vector.is_none();
        self.ranked.iter().filter(has_none).count()
    }

    /// Tells whether a question's vector is of the model that made those of the passages.
    pub fn compares_with(&self, question: &Vector) -> bool {
        let vectors = self
            .ranked
            .iter()
            .filter_map(|it| it.candidate.vector.as_ref());
        let mut lengths = vectors.map(Vector::dimensions);
        lengths.any(|length| length == question.dimensions())
    }

    /// Orders the passages by their nearness to the question too, and with them `others`, which are near whatever their
    /// words are. What is quoted stays the words' choice.
    #[must_use]
    pub fn with_embeddings(mut self, question: &Vector, others: Vec<Candidate>) -> Self {
        if self.wants_embeddings() {
            let known = std::mem::take(&mut self.ranked);
            let mut all: Vec<Candidate> = known.into_iter().map(|it| it.candidate).collect();
            let quoted = all.first().filter(|_| self.is_quotable()).cloned();
            for other in others {
                if !all.iter().any(|known| known.is(&other)) {
                    all.push(other);
                }
            }
            let mut ranked = rank(&self.question, &self.corpus, all);
            let vectors: Vec<_> = ranked
                .iter()
                .map(|ranked| ranked.candidate.vector.as_ref())
                .collect();
            let z_scores = embeddings::z_scores(question, &vectors);
            for (ranked, z_score) in ranked.iter_mut().zip(z_scores) {
                ranked.nearness = z_score;
                ranked.likely += NEAR * z_score;
            }
            // Ties keep the words' order.
            ranked.sort_by(|a, b| b.likely.total_cmp(&a.likely));
            let is_quoted = |it: &Ranked| quoted.as_ref().is_some_and(|its| its.is(&it.candidate));
            if let Some(at) = ranked.iter().position(is_quoted) {
                let quoted = ranked.remove(at);
                ranked.insert(0, quoted);
            }
            self.ranked = ranked;
            self.has_embeddings = true;
        }
        self
    }

    /// Tells whether the best passage is good enough to be quoted as the answer.
    pub fn is_quotable(&self) -> bool {
        self.confidence >= BAR
    }

    /// Tells whether there is something that a model can answer from.
    pub fn can_ground_model(&self) -> bool {
        self.confidence >= GROUND
    }

    /// Returns the passages to name, best first, one of each section: what the answer rests on and what else is about
    /// it, or, if nothing is good enough, where the visitor may look. Whoever got no answer is better served with one
    /// place more. What comes near by its meaning need not share a word.
    pub fn named(&self) -> Vec<&Candidate> {
        let best = self.ranked.first().map_or(0.0, |best| best.score);
        let is_quotable = self.is_quotable();
        let mut named: Vec<&Candidate> = Vec::new();
        for Ranked {
            candidate,
            confidence,
            score,
            nearness,
            ..
        } in &self.ranked
        {
            let is_relevant = if is_quotable {
                let is_about_it = *confidence >= NEAREST && *score >= ALSO_RELEVANT * best;
                is_about_it || *nearness >= ALSO_NEAR
            } else {
                self.has_embeddings || *confidence >= NEAREST
            };
            let is_new = !named.iter().any(|known| known.is_beside(candidate));
            if is_relevant && is_new && named.len() < MOST_NAMED {
                named.push(candidate);
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Language;
    use crate::id::UnixMs;

    fn passage(heading: &str, text: &str, direction: f32) -> Candidate {
        let mut values = vec![0.1; 8];
        values[0] = direction;
        Candidate {
            document: "doc".to_owned(),
            title: "Club".to_owned(),
            url: None,
            heading: heading.to_owned(),
            text: text.to_owned(),
            language: Language::English,
            updated_at: UnixMs(0),
            vector: Vector::of(&values),
        }
    }

    fn found(question: &str, passages: &[Candidate]) -> SearchResults {
        let question = Question::parse(question, &[]);
        let corpus = Corpus {
            passages: 50,
            terms: Vec::new(),
        };
        SearchResults::new(question, corpus, passages.to_vec())
    }

    fn headings(found: &SearchResults) -> Vec<&str> {
        found.named().iter().map(|it| it.heading.as_str()).collect()
    }

    #[test]
    fn what_is_near_in_meaning_joins_what_the_words_found() {
        let boats = passage("Boats", "Every boat is blue.", 0.0);
        let gales = passage("Gales", "When it blows hard, stay on shore.", 1.0);
        let meaning = gales.vector.clone().expect("a vector");
        let words = found(
            "Is a boat allowed during a tempest?",
            std::slice::from_ref(&boats),
        );
        assert!(!words.is_quotable());
        let both = words.with_embeddings(&meaning, vec![gales.clone(), boats.clone()]);
        // It shares no word, and each is there once.
        assert_eq!(headings(&both), ["Boats", "Gales"]);
        assert_eq!(both.ranked.len(), 2);
        assert!(!both.is_quotable());
        // What can be quoted stays the first, and what stands out is named behind it.
        let quoted = found("Is every boat blue?", &[boats]);
        assert!(quoted.is_quotable());
        let two = quoted
            .clone()
            .with_embeddings(&meaning, vec![gales.clone()]);
        assert_eq!(headings(&two), ["Boats"]);
        let far = |n: usize| passage(&format!("Shed {n}"), "Oars and paint.", 0.0);
        let many = (0..8).map(far).chain([gales]).collect();
        let many = quoted.with_embeddings(&meaning, many);
        assert!(many.is_quotable());
        assert_eq!(headings(&many), ["Boats", "Gales"]);
    }
}
