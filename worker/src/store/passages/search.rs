//! What a site's documents have for a question, in one round trip.

use oriel_shared::answer::embeddings::Vector;
use oriel_shared::answer::language::Language;
use oriel_shared::answer::spelling::SpellingSuggestion;
use oriel_shared::answer::{Candidate, Corpus, Question, TermFrequency};
use oriel_shared::id::{SiteId, UnixMs};
use serde::Deserialize;

use super::site_word;
use crate::http::problem::Problem;
use crate::store::{Search, int, maybe, rows, text};

/// Candidates for re-ranking: far more than are shown, few enough to score in a millisecond.
pub(super) const N_CANDIDATES: usize = 40;
/// Words of the site that may be what a mistyped word means. Few sites have more of one letter and length.
const NEAR_MAX: u64 = 2_000;

/// What a site's documents have for a question.
pub struct Matches {
    /// How common each of the question's terms is on this site.
    pub corpus: Corpus,
    /// The best passages by BM25.
    pub candidates: Vec<Candidate>,
    /// For terms that no passage has: the site's words that may be meant.
    pub near: Vec<SpellingSuggestion>,
}

#[derive(Deserialize)]
pub(super) struct CandidateRow {
    document_id: String,
    title: String,
    url: Option<String>,
    heading: String,
    body: String,
    language: String,
    updated_at: UnixMs,
    vector: Option<String>,
}

#[derive(Deserialize)]
struct Count {
    n: u32,
}

#[derive(Deserialize)]
struct FrequencyRow {
    own: u32,
    any: u32,
}

#[derive(Deserialize)]
struct NearRow {
    term: usize,
    word: String,
}

/// Searches a site's documents. One round trip. `vectors` names those that are read with the passages.
pub async fn find(
    search: &Search,
    site: &SiteId,
    question: &Question,
    vectors: Option<&str>,
) -> Result<Matches, Problem> {
    let word = site_word(site);
    let statements = vec![
        search.statement(
            "SELECT p.document_id, p.title, p.url, p.heading, p.body, p.language, p.updated_at,
                 CASE WHEN p.vector_of = ?4 THEN p.vector END AS vector
             FROM words_index AS i JOIN passages AS p ON p.id = i.rowid
             WHERE i.words_index MATCH ?1 AND p.site_id = ?2
             ORDER BY bm25(words_index, 2.0, 3.0, 1.0) LIMIT ?3",
            &[
                text(&question.match_any(&word)),
                text(site.as_str()),
                int(N_CANDIDATES as u64),
                maybe(vectors),
            ],
        )?,
        search.statement(
            "SELECT count(*) AS n FROM passages WHERE site_id = ?1 AND language IS NOT NULL",
            &[text(site.as_str())],
        )?,
        search.statement(
            "SELECT (SELECT count(*) FROM words_index WHERE words_index MATCH term.value ->> 'own') AS own,
                 (SELECT count(*) FROM words_index WHERE words_index MATCH term.value ->> 'any') AS \"any\"
             FROM json_each(?1) AS term ORDER BY term.key",
            &[text(&serde_json::to_string(&question.match_terms(&word))?)],
        )?,
        // The vocabulary is read only for a term that no passage has.
        search.statement(
            "SELECT mistyped.value ->> 'term' AS term, substr(v.term, 1 + ?2) AS word
             FROM json_each(?1) AS mistyped CROSS JOIN vocabulary AS v
             WHERE NOT EXISTS (SELECT 1 FROM words_index WHERE words_index MATCH mistyped.value ->> 'expression')
               AND v.term >= mistyped.value ->> 'from' AND v.term < mistyped.value ->> 'until'
               AND length(v.term) BETWEEN mistyped.value ->> 'shortest' AND mistyped.value ->> 'longest'
             LIMIT ?3",
            &[
                text(&serde_json::to_string(&question.spelling_queries(&word))?),
                int(word.len() as u64),
                int(NEAR_MAX),
            ],
        )?,
    ];
    let results = search.batch_results(statements).await?;
    let [candidates, passages, terms, near] = results.as_slice() else {
        return Err(Problem::ours(
            "search",
            &"one result a statement was expected",
        ));
    };
    let candidates: Vec<CandidateRow> = rows(candidates)?;
    let passages: Vec<Count> = rows(passages)?;
    let terms: Vec<FrequencyRow> = rows(terms)?;
    let near: Vec<NearRow> = rows(near)?;
    Ok(Matches {
        corpus: Corpus {
            passages: passages.first().map_or(0, |count| count.n),
            terms: terms.into_iter().map(TermFrequency::from).collect(),
        },
        candidates: candidates.into_iter().map(Candidate::from).collect(),
        near: near.into_iter().map(SpellingSuggestion::from).collect(),
    })
}

impl From<CandidateRow> for Candidate {
    fn from(row: CandidateRow) -> Self {
        let CandidateRow {
            document_id,
            title,
            url,
            heading,
            body,
            language,
            updated_at,
            vector,
        } = row;
        Self {
            document: document_id,
            title,
            url,
            heading,
            text: body,
            language: Language::from_tag(&language),
            updated_at,
            vector: vector.as_deref().and_then(Vector::parse),
        }
    }
}

impl From<FrequencyRow> for TermFrequency {
    fn from(FrequencyRow { own, any }: FrequencyRow) -> Self {
        Self { own, any }
    }
}

impl From<NearRow> for SpellingSuggestion {
    fn from(NearRow { term, word }: NearRow) -> Self {
        Self { term, word }
    }
}
