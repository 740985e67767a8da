//! How well a passage answers a question.
//!
//! The index finds candidates; here they are weighed against the whole site. Order comes from BM25 over title, heading
//! and body together (BM25F), lifted where a passage has more of what was asked and has it close together. Confidence
//! is separate: the share of the question, by weight, that the passage speaks of. Rare words weigh more; a word that
//! no document of the site has weighs most, since it is a hint that the question is about something else.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). The constants were
//! chosen on the tuning half of `shared/tests/questions.jsonl`; `shared/tests/answers.rs` prints what they do on
//! the other half.

use super::embeddings::{self, Vector};
use super::language::{Language, Stems};
use super::question::{OWN, Question, Spelling, TermKind};
use super::words::words;
use crate::id::UnixMs;

/// Below this confidence nothing is quoted: the assistant says that it does not know.
///
/// `shared/tests/answers.rs` prints how many questions are answered rightly and wrongly at this and other bars.
pub const BAR: f32 = 0.76;

/// From this confidence on a model may word an answer from the passages: it reads them, and can say that they do not answer.
const GROUND: f32 = 0.5;

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

/// Behind the first place: how alike passage and question look, letter by letter. The first is what may be quoted, and
/// words choose it better.
const ALIKE: f32 = 10.0;

/// Where the site has an embedding model: how near passage and question are in meaning, for each standard deviation.
/// Chosen on the tuning part of `testdata/answers`, with the lists of like words and without them.
const NEAR: f32 = 2.0;

/// Beside a quotation: how near in meaning another section has to be, in standard deviations, to be named too.
const ALSO_NEAR: f32 = 2.0;

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
/// A question of one word says little about what is wanted, unless the word is rare: it leaves up to a third of doubt, one
/// of three words a seventh.
const DOUBT: f32 = 0.5;
/// What a document that is as new as the newest is better than one that is very old; and the age that halves it.
const RECENT: f32 = 0.15;
const HALF_AGE_MS: f32 = 180.0 * 24.0 * 3_600_000.0;
/// Added to the number of passages when a word's weight is taken, as if the site had this many more passages without
/// the word: on a site of three passages every word would look common otherwise.
const PRIOR_PASSAGES: f32 = 10.0;
/// What a word that no passage has weighs, beside the rarest word that one has. Below 1, since people also use words
/// that documents do without.
const ABSENT: f32 = 1.1;
/// The same for general words.
const LIGHT_ABSENT: f32 = 0.5;
/// The same for pairs of characters, which may be no words.
const PIECE_ABSENT: f32 = 0.5;
/// Words this far apart are about the same thing: some two sentences.
const CLOSE_WORDS: usize = 20;
/// Below this confidence a passage is not even named as what comes nearest.
const NEAREST: f32 = 0.08;
/// Beside an answer, a passage is named when it has this share of the best one's score.
const ALSO_RELEVANT: f32 = 0.6;
/// Passages that are named with an answer.
const MOST_NAMED: usize = 3;

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
    /// How many of them hold each term, in the order of [`Question::match_terms`]. Missing ones count as none.
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

/// A candidate with its worth.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The passage.
    pub candidate: Candidate,
    /// 0 to 1: how much of the question the passage speaks of. Compared with [`BAR`].
    pub confidence: f32,
    /// What the words are worth; means nothing across questions. The best has the highest; behind it how alike the
    /// passage looks counts too.
    pub score: f32,
    /// The same and how alike the passage looks.
    likely: f32,
    /// How near it is in meaning, in standard deviations above the others. 0 where nobody was asked.
    nearness: f32,
}

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

    /// Whether meaning may change what the visitor reads: something is asked, and there are passages.
    pub fn wants_embeddings(&self) -> bool {
        let is_asked = !self.question.is_empty() && !self.question.is_courtesy();
        is_asked && !self.ranked.is_empty()
    }

    /// How many of the passages have no vector.
    pub fn n_without_vector(&self) -> usize {
        let has_none = |ranked: &&Ranked| ranked.candidate.vector.is_none();
        self.ranked.iter().filter(has_none).count()
    }

    /// Whether a question's vector is of the model that made those of the passages.
    pub fn compares_with(&self, question: &Vector) -> bool {
        let vectors = self
            .ranked
            .iter()
            .filter_map(|it| it.candidate.vector.as_ref());
        let mut lengths = vectors.map(Vector::dimensions);
        lengths.any(|length| length == question.dimensions())
    }

    /// Orders the passages by their nearness to the question too, and with them `others`, which are near whatever their words
    /// are. What is quoted stays the words' choice.
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
            for (ranked, z_scores) in ranked.iter_mut().zip(z_scores) {
                ranked.nearness = z_scores;
                ranked.likely += NEAR * z_scores;
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

    /// Whether the best passage is good enough to be quoted as the answer.
    pub fn is_quotable(&self) -> bool {
        self.confidence >= BAR
    }

    /// Whether there is something that a model can answer from.
    pub fn can_ground_model(&self) -> bool {
        self.confidence >= GROUND
    }

    /// The passages to name, best first, one of each section: what the answer rests on and what else is about it, or, if
    /// nothing is good enough, where the visitor may look. Whoever got no answer is better served with one place more. What
    /// comes near by its meaning need not share a word.
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

impl Candidate {
    /// Whether both are the same passage.
    fn is(&self, other: &Self) -> bool {
        self.is_beside(other) && self.text == other.text
    }

    /// Whether both are of one section of one document.
    fn is_beside(&self, other: &Self) -> bool {
        self.document == other.document && self.heading == other.heading
    }
}

/// Orders candidates, best first: the one whose words are worth most, then the others by their words and by how alike they
/// look.
pub fn rank(question: &Question, corpus: &Corpus, candidates: Vec<Candidate>) -> Vec<Ranked> {
    let matcher = Matcher::new(question, corpus);
    let read: Vec<Reading> = candidates
        .iter()
        .map(|candidate| matcher.read(candidate))
        .collect();
    let n_words: usize = read.iter().map(|reading| reading.n_words).sum();
    let mean_words = (count(n_words) / count(read.len().max(1))).max(1.0);
    let newest = candidates
        .iter()
        .map(|candidate| candidate.updated_at)
        .max();
    let similarity = question.trigrams.similarity(&candidates);
    let mut ranked: Vec<Ranked> = candidates
        .into_iter()
        .zip(read.iter().zip(similarity))
        .map(|(candidate, (reading, similarity))| {
            let (confidence, score) = matcher.weigh(reading, mean_words);
            let score = score + RECENT * recency(candidate.updated_at, newest);
            Ranked {
                candidate,
                confidence,
                score,
                likely: score + ALIKE * similarity,
                nearness: 0.0,
            }
        })
        .collect();
    // Ties keep the index's order.
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    if let Some((_, others)) = ranked.split_first_mut() {
        others.sort_by(|a, b| b.likely.total_cmp(&a.likely));
    }
    ranked
}

/// Finds a question's terms in texts.
pub(super) struct Matcher<'q> {
    question: &'q Question,
    /// Of each term: what it weighs.
    pub weights: Vec<f32>,
    /// What a word weighs that next to no passage has.
    rarest: f32,
    stems: Stems,
    /// First letters of all stems: a word that begins otherwise is none of them and is not stemmed.
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
struct Reading {
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
    n_words: usize,
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

    /// The terms in a text of this language, in order, and how many words it has.
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

    fn read(&self, candidate: &Candidate) -> Reading {
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
        Reading {
            frequencies,
            covered,
            covered_close,
            named,
            adjacency: self.adjacency(&in_body).max(self.adjacency(&in_headings)),
            is_about: self.is_about(path, candidate.language),
            n_words,
        }
    }

    /// The share of neighbours in the question, by weight, that are neighbours in the text too, in any order.
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

    /// How far a heading and the question say the same: the harmonic mean of the share of the heading that was asked
    /// for and the share of the question that the heading has, by weight. Stop words count a little here: "put the
    /// chat on your website" is nearer to "how do I put the chat on my website" than other headings on chats are.
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

    /// Confidence and score of what was read.
    fn weigh(&self, reading: &Reading, mean_words: f32) -> (f32, f32) {
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

    /// How much doubt a question leaves that says little. One rare word says what is wanted, a common one does not.
    fn doubt(&self) -> f32 {
        let [weight] = self.weights.as_slice() else {
            return DOUBT;
        };
        let rarity = (weight / self.rarest).min(1.0);
        DOUBT * (1.0 - rarity * rarity)
    }

    /// The share of the question's weight that `covered` has, 0 to 1.
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

/// 1 for the newest, and less the older it is beside that one. No clock: what is old among these is old.
fn recency(updated_at: UnixMs, newest: Option<UnixMs>) -> f32 {
    let age = newest.map_or(0, |newest| newest.0.saturating_sub(updated_at.0));
    #[expect(clippy::cast_precision_loss, reason = "an age needs no more digits")]
    let age = age as f32;
    (-age / HALF_AGE_MS).exp2()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of words are far below 2^24"
)]
pub(super) fn count(n: usize) -> f32 {
    n as f32
}

/// Notes that a term is there.
pub(super) fn cover(covered: &mut [f32], hit: Hit) {
    if let Some(covered) = covered.get_mut(hit.term) {
        *covered = covered.max(hit.weight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
