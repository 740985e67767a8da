//! How well a passage answers a question.
//!
//! The index finds candidates; here they are weighed against the whole site. Order comes from BM25 over title, heading
//! and body together (BM25F), lifted where a passage has more of what was asked and has it close together. Confidence
//! is separate: the share of the question, by weight, that the passage speaks of. Rare words weigh more; a word that
//! no document of the site has weighs most, since it is a hint that the question is about something else.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). The constants were
//! chosen on the tuning half of `shared/tests/data/questions.jsonl`; `shared/tests/answers.rs` prints what they do on
//! the other half.

use super::Question;
use super::question::{StopWords, Term};
use super::words::{Stems, words};

/// Below this confidence nothing is quoted: the assistant says that it does not know.
///
/// `shared/tests/answers.rs` prints how many questions are answered rightly and wrongly at this and other bars.
pub const BAR: f32 = 0.6;

/// Repeating a word helps less and less; the usual value.
const SATURATION: f32 = 1.2;
/// How much longer passages pay; lower than usual, because passages are cut to one size anyway.
const LENGTH_PRICE: f32 = 0.4;
/// A heading says what a passage is about, a title what the document is about.
const HEADING_WEIGHT: f32 = 2.5;
const TITLE_WEIGHT: f32 = 1.5;
/// Passages shorter than this share of the usual are no better for it: a line that introduces a page has little to say.
const SHORT: f32 = 0.8;
/// What a heading that says the same as the question adds to a score.
const ABOUT: f32 = 1.5;
/// In headings: what a stop word weighs, and a word that was not asked for.
const STOP_WEIGHT: f32 = 0.8;
const OTHER_WEIGHT: f32 = 2.5;
/// How far such a heading closes the gap between a passage's confidence and certainty.
const LIFT: f32 = 0.3;
/// Added to the number of passages when a word's weight is taken, as if the site had this many more passages without
/// the word: on a site of three passages every word would look common otherwise.
const PRIOR_PASSAGES: f32 = 10.0;
/// What a word that no passage has weighs, beside the rarest word that one has. Below 1, since people also use words
/// that documents do without.
const ABSENT: f32 = 1.1;
/// The same for general words.
const LIGHT_ABSENT: f32 = 0.5;
/// Words this far apart are about the same thing: some two sentences.
const CLOSE_WORDS: usize = 20;
/// Share of closeness in confidence; the rest is what the whole passage has.
const CLOSENESS: f32 = 0.6;

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
}

/// What the index knows about the site's passages as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// How many passages the site has.
    pub passages: u32,
    /// How many of them hold each term, in the order of [`Question::match_terms`]. Missing ones count as 0.
    pub frequencies: Vec<u32>,
}

/// A candidate with its worth.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The passage.
    pub candidate: Candidate,
    /// 0 to 1: how much of the question the passage speaks of. Compared with [`BAR`].
    pub confidence: f32,
    /// Orders candidates of one question; means nothing across questions.
    pub score: f32,
}

/// Orders candidates, best first.
pub fn rank(question: &Question, corpus: &Corpus, candidates: Vec<Candidate>) -> Vec<Ranked> {
    let matcher = Matcher::new(question, corpus);
    let read: Vec<Reading> = candidates
        .iter()
        .map(|candidate| matcher.read(candidate))
        .collect();
    let n_words: usize = read.iter().map(|reading| reading.n_words).sum();
    #[expect(clippy::cast_precision_loss, reason = "word counts are far below 2^24")]
    let mean_words = (n_words as f32 / read.len().max(1) as f32).max(1.0);
    let mut ranked: Vec<Ranked> = candidates
        .into_iter()
        .zip(&read)
        .map(|(candidate, reading)| {
            let (confidence, score) = matcher.weigh(reading, mean_words);
            Ranked {
                candidate,
                confidence,
                score,
            }
        })
        .collect();
    // Ties keep the index's order.
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    ranked
}

/// Finds a question's terms in texts.
pub(super) struct Matcher<'q> {
    terms: &'q [Term],
    /// Of each term: what it weighs.
    pub weights: Vec<f32>,
    stems: Stems,
    stop: StopWords,
    /// The question's stop words.
    stop_words: &'q [String],
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

/// What a passage has of a question.
struct Reading {
    /// Of each term: how often in the body, by the weight of the spelling.
    frequencies: Vec<f32>,
    /// The same in title and heading.
    named: Vec<f32>,
    /// Of each term: the best spelling's weight, anywhere.
    covered: Vec<f32>,
    /// The same within the best [`CLOSE_WORDS`], title and heading included.
    covered_close: Vec<f32>,
    /// See [`Matcher::is_about`].
    is_about: f32,
    n_words: usize,
}

impl<'q> Matcher<'q> {
    pub fn new(question: &'q Question, corpus: &Corpus) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a weight needs no more digits")]
        let weight = |is_light: bool, n_with: u32| {
            let all = corpus.passages.max(n_with) as f32 + PRIOR_PASSAGES;
            match (n_with, is_light) {
                (0, true) => LIGHT_ABSENT * all.ln(),
                (0, false) => ABSENT * all.ln(),
                (n_with, _) => (all / (n_with as f32 + 0.5)).ln(),
            }
        };
        let frequencies = corpus
            .frequencies
            .iter()
            .copied()
            .chain(std::iter::repeat(0));
        let weights = question
            .terms
            .iter()
            .zip(frequencies)
            .map(|(term, n_with)| weight(term.is_light, n_with))
            .collect();
        let spellings = || question.terms.iter().flat_map(|term| &term.spellings);
        let initials = spellings()
            .flat_map(|spelling| &spelling.stems)
            .filter_map(|stem| stem.chars().next())
            .collect();
        Self {
            terms: &question.terms,
            weights,
            stems: Stems::default(),
            stop: StopWords::default(),
            stop_words: &question.stop_words,
            initials,
        }
    }

    /// The terms in `text`, in order, and how many words it has.
    pub fn hits(&self, text: &str) -> (Vec<Hit>, usize) {
        let stems: Vec<String> = words(text)
            .map(|word| {
                let may_match = word
                    .folded
                    .chars()
                    .next()
                    .is_some_and(|first| self.initials.contains(&first));
                if may_match {
                    self.stems.of(&word.folded)
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
            for (term, spellings) in self.terms.iter().map(|term| &term.spellings).enumerate() {
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
        let none = vec![0.0_f32; self.terms.len()];
        let mut reading = Reading {
            frequencies: none.clone(),
            named: none.clone(),
            covered: none.clone(),
            covered_close: none,
            is_about: 0.0,
            n_words: 0,
        };
        for (text, weight) in [
            (&candidate.title, TITLE_WEIGHT),
            (&candidate.heading, HEADING_WEIGHT),
        ] {
            let (hits, _) = self.hits(text);
            for hit in hits {
                cover(&mut reading.covered, hit);
                add(&mut reading.named, hit, weight);
            }
        }
        reading.is_about = self.is_about(if candidate.heading.is_empty() {
            &candidate.title
        } else {
            &candidate.heading
        });
        let named = reading.covered.clone();

        let (hits, n_words) = self.hits(&candidate.text);
        reading.n_words = n_words;
        reading.covered_close.clone_from(&named);
        for (first, start) in hits.iter().enumerate() {
            cover(&mut reading.covered, *start);
            add(&mut reading.frequencies, *start, 1.0);
            let mut near = named.clone();
            for hit in hits
                .iter()
                .skip(first)
                .take_while(|hit| hit.at <= start.at + CLOSE_WORDS)
            {
                cover(&mut near, *hit);
            }
            if self.share(&near) > self.share(&reading.covered_close) {
                reading.covered_close = near;
            }
        }
        reading
    }

    /// How far a heading and the question say the same: the harmonic mean of the share of the heading that was asked
    /// for and the share of the question that the heading has, by weight. Stop words count a little here: "put the
    /// chat on your website" is nearer to "how do I put the chat on my website" than other headings on chats are.
    fn is_about(&self, path: &str) -> f32 {
        let own = path.rsplit(" › ").next().unwrap_or(path);
        let (hits, _) = self.hits(own);
        let mut covered = vec![0.0; self.terms.len()];
        hits.iter().for_each(|hit| cover(&mut covered, *hit));
        let asked: f32 =
            self.weights.iter().sum::<f32>() + STOP_WEIGHT * count(self.stop_words.len());
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
                None if self.stop.has(&word.folded) => STOP_WEIGHT,
                None => OTHER_WEIGHT,
            };
            if self.stop_words.contains(&word.folded) {
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
        let (all, close) = (
            self.share(&reading.covered),
            self.share(&reading.covered_close),
        );
        let base = (1.0 - CLOSENESS) * all + CLOSENESS * close;
        let confidence = base + LIFT * (1.0 - base) * reading.is_about;
        #[expect(clippy::cast_precision_loss, reason = "word counts are far below 2^24")]
        let length =
            1.0 - LENGTH_PRICE + LENGTH_PRICE * (reading.n_words as f32 / mean_words).max(SHORT);
        // Only the body's counts are worth less in a long passage (BM25F): a heading is as good above either.
        let counts = reading.frequencies.iter().zip(&reading.named);
        let relevance: f32 = counts
            .zip(&self.weights)
            .map(|((body, named), weight)| {
                let frequency = named + body / length;
                weight * frequency * (SATURATION + 1.0) / (frequency + SATURATION)
            })
            .sum();
        (
            confidence,
            relevance * (0.4 + confidence) * (1.0 + ABOUT * reading.is_about),
        )
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

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of words are far below 2^24"
)]
fn count(n: usize) -> f32 {
    n as f32
}

/// Notes that a term is there.
pub(super) fn cover(covered: &mut [f32], hit: Hit) {
    if let Some(covered) = covered.get_mut(hit.term) {
        *covered = covered.max(hit.weight);
    }
}

fn add(frequencies: &mut [f32], hit: Hit, weight: f32) {
    if let Some(frequency) = frequencies.get_mut(hit.term) {
        *frequency += weight * hit.weight;
    }
}
