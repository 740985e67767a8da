//! How well a passage answers a question.
//!
//! The index finds candidates; here they are weighed against the whole site. Order comes from BM25 over title, heading
//! and body together (BM25F), lifted where a passage has more of what was asked and has it close together. Confidence
//! is separate: the share of the question, by weight, that the passage speaks of. Rare words weigh more; a word that
//! no document of the site has weighs most, since it is a hint that the question is about something else.
//!
//! Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009). The constants were
//! chosen on the part `tune` of questions such as those in `testdata/`; `shared/tests/answers` prints what they do on
//! the part `held`.

use super::candidate::{Candidate, Corpus};
use super::float::count;
use super::matcher::{Matcher, PassageTerms};
use super::question::Question;
use crate::id::UnixMs;

/// Behind the first place: how alike passage and question look, letter by letter. The first is what may be quoted, and
/// words choose it better.
const ALIKE: f32 = 10.0;

/// What a document that is as new as the newest is better than one that is very old; and the age that halves it.
const RECENT: f32 = 0.15;

const HALF_AGE_MS: f32 = 180.0 * 24.0 * 3_600_000.0;

/// A candidate with its worth.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// The passage.
    pub candidate: Candidate,
    /// 0 to 1: how much of the question the passage speaks of. Compared with [`super::search_results::BAR`].
    pub confidence: f32,
    /// What the words are worth; means nothing across questions. The best has the highest; behind it how alike the
    /// passage looks counts too.
    pub score: f32,
    /// The score and how alike the passage looks.
    pub(super) likely: f32,
    /// How near it is in meaning, in standard deviations above the others. 0 where nobody was asked.
    pub(super) nearness: f32,
}

/// Orders candidates, best first: the one whose words are worth most, then the others by their words and by how alike
/// they look.
pub fn rank(question: &Question, corpus: &Corpus, candidates: Vec<Candidate>) -> Vec<Ranked> {
    let matcher = Matcher::new(question, corpus);
    let read: Vec<PassageTerms> = candidates
        .iter()
        .map(|candidate| matcher.read(candidate))
        .collect();
    let n_words: usize = read.iter().map(|reading| reading.n_words).sum();
    let mean_words = (count(n_words) / count(read.len().max(1))).max(1.0);
    let newest = candidates
        .iter()
        .map(|candidate| candidate.updated_at)
        .max();
    let similarity = question.ngrams.similarity(&candidates);
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

/// Returns 1 for the newest, and less the older it is beside that one. No clock: what is old among these is old.
fn recency(updated_at: UnixMs, newest: Option<UnixMs>) -> f32 {
    let age = newest.map_or(0, |newest| newest.0.saturating_sub(updated_at.0));
    #[expect(clippy::cast_precision_loss, reason = "an age needs no more digits")]
    let age = age as f32;
    (-age / HALF_AGE_MS).exp2()
}
