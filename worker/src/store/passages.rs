//! The index of passages, in a database of its own that can be rebuilt from the documents.
//!
//! The index is handed words that are made already (`oriel_shared::answer::words`), each behind its site's word: a
//! query reads one site's postings only, and a site's vocabulary is its own. The site's id is compared besides.

use oriel_shared::answer::embeddings::{BEGINNING_CHARACTERS, Vector, nearest};
use oriel_shared::answer::language::{Language, Stems};
use oriel_shared::answer::spelling::SpellingSuggestion;
use oriel_shared::answer::words::for_index;
use oriel_shared::answer::{Candidate, Corpus, Passage, Question, TermFrequency};
use oriel_shared::id::{DocumentId, SiteId, UnixMs};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::{D1PreparedStatement, D1Result};

use super::{Search, down, int, maybe, statement, text};
use crate::http::problem::Problem;

/// Candidates for re-ranking: far more than are shown, few enough to score in a millisecond.
const N_CANDIDATES: usize = 40;
/// Passages of a site whose vectors are compared with a question's: two megabytes, read while the model is asked.
const COMPARED_MAX: u32 = 5_000;
/// Words of the site that may be what a mistyped word means. Few sites have more of one letter and length.
const NEAR_MAX: u64 = 2_000;
/// A bound value may have 2 MB; a document's passages travel in pieces well below.
const PIECE_BYTES: usize = 512 * 1024;

/// The version of a document that is deleted: no other reaches it. JavaScript's largest exact number.
const DELETED: u64 = (1 << 53) - 1;

/// A version of a document as the index knows it.
pub struct Edition<'a> {
    /// The document.
    pub document: &'a DocumentId,
    /// Which of its versions.
    pub version: u32,
    /// Its title, searched with every passage.
    pub title: &'a str,
    /// Where it can be read.
    pub url: Option<&'a str>,
    /// When it was added or last changed.
    pub updated_at: UnixMs,
}

/// What the index holds of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing yet.
    Nothing,
    /// This version of it.
    Version(u64),
    /// Nothing any more.
    Deleted,
}

#[derive(Deserialize)]
struct HeldRow {
    version: u64,
}

fn held(rows: &[HeldRow]) -> Held {
    match rows.first() {
        None => Held::Nothing,
        Some(row) if row.version == DELETED => Held::Deleted,
        Some(row) => Held::Version(row.version),
    }
}

/// Puts this version of a document in the place of an older one, in one transaction: whoever searches finds either. A
/// newer one stays, and so does nothing of a deleted one. Tells what the index holds then.
pub async fn place(
    search: &Search,
    site: &SiteId,
    edition: &Edition<'_>,
    passages: &[Passage],
) -> Result<Held, Problem> {
    let named = [
        text(site.as_str()),
        text(edition.document.as_str()),
        int(edition.version.into()),
    ];
    let mut statements = vec![
        statement(
            &search.0,
            "INSERT INTO editions (site_id, document_id, version) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET version = excluded.version WHERE excluded.version >= version",
            &named,
        )?,
        statement(
            &search.0,
            "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2
               AND EXISTS (SELECT 1 FROM editions WHERE site_id = ?1 AND document_id = ?2 AND version = ?3)",
            &named,
        )?,
    ];
    let stems = Stems::default();
    let language = Language::of(passages.iter().map(|passage| passage.text.as_str()));
    let words = |text: &str| for_index(text, language, &stems);
    let title_words = words(edition.title);
    let mut piece = Vec::new();
    let mut piece_bytes = 0;
    for (at, passage) in passages.iter().enumerate() {
        piece_bytes += passage.text.len() + passage.heading.len();
        piece.push(serde_json::json!({
            "ordinal": passage.ordinal, "heading": passage.heading, "body": passage.text,
            "heading_words": words(&passage.heading), "body_words": words(&passage.text),
        }));
        if piece_bytes >= PIECE_BYTES || at + 1 == passages.len() {
            let json = serde_json::to_string(&std::mem::take(&mut piece))?;
            statements.push(insert_piece(search, site, edition, language, &json)?);
            statements.push(index_piece(search, site, edition, &title_words, &json)?);
            piece_bytes = 0;
        }
    }
    statements.push(statement(
        &search.0,
        "SELECT version FROM editions WHERE site_id = ?1 AND document_id = ?2",
        &[text(site.as_str()), text(edition.document.as_str())],
    )?);
    let results = search
        .0
        .batch(statements)
        .await
        .map_err(|error| down(&error))?;
    let rows = results.last().map(|result| result.results()).transpose()?;
    Ok(held(&rows.unwrap_or_default()))
}

fn insert_piece(
    search: &Search,
    site: &SiteId,
    edition: &Edition<'_>,
    language: Language,
    piece: &str,
) -> Result<D1PreparedStatement, Problem> {
    statement(
        &search.0,
        "INSERT INTO passages (site_id, document_id, ordinal, title, url, heading, body, language, updated_at)
         SELECT ?1, ?2, value ->> 'ordinal', ?3, ?4, value ->> 'heading', value ->> 'body', ?7, ?8 FROM json_each(?5)
         WHERE EXISTS (SELECT 1 FROM editions WHERE site_id = ?1 AND document_id = ?2 AND version = ?6)",
        &[
            text(site.as_str()),
            text(edition.document.as_str()),
            text(edition.title),
            maybe(edition.url),
            text(piece),
            int(edition.version.into()),
            text(language.tag()),
            int(edition.updated_at.0),
        ],
    )
}

/// Puts the words of passages that were inserted into the index, the site's word before each.
fn index_piece(
    search: &Search,
    site: &SiteId,
    edition: &Edition<'_>,
    title_words: &str,
    piece: &str,
) -> Result<D1PreparedStatement, Problem> {
    statement(
        &search.0,
        "INSERT INTO words_index (rowid, title, heading, body)
         SELECT p.id, ?2 || replace(?4, ' ', ' ' || ?2),
             ?2 || replace(value ->> 'heading_words', ' ', ' ' || ?2), ?2 || replace(value ->> 'body_words', ' ', ' ' || ?2)
         FROM json_each(?5) JOIN passages AS p
             ON p.site_id = ?1 AND p.document_id = ?3 AND p.ordinal = value ->> 'ordinal'
         WHERE EXISTS (SELECT 1 FROM editions WHERE site_id = ?1 AND document_id = ?3 AND version = ?6)",
        &[
            text(site.as_str()),
            text(&site_word(site)),
            text(edition.document.as_str()),
            text(title_words),
            text(piece),
            int(edition.version.into()),
        ],
    )
}

/// What the index holds of a document.
pub async fn holds(search: &Search, site: &SiteId, document: &DocumentId) -> Result<Held, Problem> {
    let statement = statement(
        &search.0,
        "SELECT version FROM editions WHERE site_id = ?1 AND document_id = ?2",
        &[text(site.as_str()), text(document.as_str())],
    )?;
    let result = statement.all().await.map_err(|error| down(&error))?;
    Ok(held(&result.results()?))
}

/// Takes a document out of the index, for good.
pub async fn delete(search: &Search, site: &SiteId, document: &DocumentId) -> Result<(), Problem> {
    let (site, document) = (text(site.as_str()), text(document.as_str()));
    let statements = vec![
        statement(
            &search.0,
            "INSERT INTO editions (site_id, document_id, version) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET version = excluded.version",
            &[site.clone(), document.clone(), int(DELETED)],
        )?,
        statement(
            &search.0,
            "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2",
            &[site, document],
        )?,
    ];
    search
        .0
        .batch(statements)
        .await
        .map(drop)
        .map_err(|error| down(&error))
}

/// Documents whose passages are from before the words index, each with its site. They are taken at random, so that those
/// that cannot be cut again are not in every other's way.
pub async fn from_before(
    search: &Search,
    limit: u32,
) -> Result<Vec<(SiteId, DocumentId)>, Problem> {
    #[derive(Deserialize)]
    struct UnembeddedRow {
        site_id: SiteId,
        document_id: DocumentId,
    }
    let statement = statement(
        &search.0,
        "SELECT site_id, document_id FROM (
           SELECT DISTINCT site_id, document_id FROM passages WHERE language IS NULL LIMIT 10000
         ) ORDER BY random() LIMIT ?1",
        &[int(limit.into())],
    )?;
    let result = statement.all().await.map_err(|error| down(&error))?;
    let rows: Vec<UnembeddedRow> = result.results()?;
    Ok(rows
        .into_iter()
        .map(|row| (row.site_id, row.document_id))
        .collect())
}

/// Takes out the passages of a document that is not there.
pub async fn forget(search: &Search, site: &SiteId, document: &DocumentId) -> Result<(), Problem> {
    run(
        search,
        "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2",
        &[text(site.as_str()), text(document.as_str())],
    )
    .await
    .map(drop)
}

/// A passage that has no vector yet.
#[derive(Deserialize, Serialize)]
pub struct Unembedded {
    /// Its place in the table, which another passage may take over.
    pub id: u64,
    /// Title of its document.
    pub title: String,
    /// Heading path.
    pub heading: String,
    /// Its Markdown.
    pub body: String,
}

/// Passages of a site that come after `after` and have no vector of this kind.
pub async fn unembedded(
    search: &Search,
    site: &SiteId,
    kind: &str,
    after: u64,
    limit: u64,
) -> Result<Vec<Unembedded>, Problem> {
    let statement = statement(
        &search.0,
        "SELECT id, title, heading, body FROM passages
         WHERE id IN (SELECT id FROM passages INDEXED BY passages_by_vector
                      WHERE site_id = ?1 AND vector_of IS NOT ?2 AND id > ?3 ORDER BY id LIMIT ?4)
         ORDER BY id",
        &[text(site.as_str()), text(kind), int(after), int(limit)],
    )?;
    let result = statement.all().await.map_err(|error| down(&error))?;
    Ok(result.results()?)
}

/// Gives passages their vectors, unless they say something else by now. Tells how many took one.
pub async fn keep_vectors(
    search: &Search,
    site: &SiteId,
    kind: &str,
    passages: &[Unembedded],
    vectors: &[Vector],
) -> Result<usize, Problem> {
    #[derive(Serialize)]
    struct UnembeddedRow<'a> {
        #[serde(flatten)]
        passage: &'a Unembedded,
        vector: String,
    }
    let rows = passages
        .iter()
        .zip(vectors)
        .map(|(passage, vector)| UnembeddedRow {
            passage,
            vector: vector.text(),
        });
    let rows = serde_json::to_string(&rows.collect::<Vec<_>>())?;
    let result = run(
        search,
        "UPDATE passages SET vector = made.value ->> 'vector', vector_of = ?2
         FROM json_each(?3) AS made
         WHERE passages.id = made.value ->> 'id' AND passages.site_id = ?1 AND passages.title = made.value ->> 'title'
           AND passages.heading = made.value ->> 'heading' AND passages.body = made.value ->> 'body'",
        &[text(site.as_str()), text(kind), text(&rows)],
    )
    .await?;
    let meta = result
        .meta()
        .map_err(|error| Problem::ours("meta", &error))?;
    Ok(meta.and_then(|meta| meta.changes).unwrap_or(0))
}

/// Forgets a site's vectors.
pub async fn forget_vectors(search: &Search, site: &SiteId) -> Result<(), Problem> {
    run(
        search,
        "UPDATE passages SET vector = NULL, vector_of = NULL WHERE site_id = ?1 AND vector_of IS NOT NULL",
        &[text(site.as_str())],
    )
    .await
    .map(drop)
}

/// What a site's documents offer for a question.
pub struct Offered {
    /// How common each of the question's terms is on this site.
    pub corpus: Corpus,
    /// The best passages by BM25.
    pub candidates: Vec<Candidate>,
    /// For terms that no passage has: the site's words that may be meant.
    pub near: Vec<SpellingSuggestion>,
}

#[derive(Deserialize)]
struct CandidateRow {
    document_id: String,
    title: String,
    url: Option<String>,
    heading: String,
    body: String,
    language: String,
    updated_at: UnixMs,
    vector: Option<String>,
}

/// How the vectors of a site's passages begin.
pub struct Beginnings(Vec<Beginning>);

#[derive(Deserialize)]
struct Beginning {
    id: u64,
    vector: String,
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
) -> Result<Offered, Problem> {
    let word = site_word(site);
    let statements = vec![
        statement(
            &search.0,
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
        statement(
            &search.0,
            "SELECT count(*) AS n FROM passages WHERE site_id = ?1 AND language IS NOT NULL",
            &[text(site.as_str())],
        )?,
        statement(
            &search.0,
            "SELECT (SELECT count(*) FROM words_index WHERE words_index MATCH term.value ->> 'own') AS own,
                 (SELECT count(*) FROM words_index WHERE words_index MATCH term.value ->> 'any') AS \"any\"
             FROM json_each(?1) AS term ORDER BY term.key",
            &[text(&serde_json::to_string(&question.match_terms(&word))?)],
        )?,
        // The vocabulary is read only for a term that no passage has.
        statement(
            &search.0,
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
    let results = search
        .0
        .batch(statements)
        .await
        .map_err(|error| down(&error))?;
    let mut results = results.into_iter();
    let candidates = rows::<CandidateRow>(results.next())?;
    let passages = rows::<Count>(results.next())?;
    let terms = rows::<FrequencyRow>(results.next())?;
    let near = rows::<NearRow>(results.next())?;
    Ok(Offered {
        corpus: Corpus {
            passages: passages.first().map_or(0, |count| count.n),
            terms: terms.into_iter().map(TermFrequency::from).collect(),
        },
        candidates: candidates.into_iter().map(Candidate::from).collect(),
        near: near.into_iter().map(SpellingSuggestion::from).collect(),
    })
}

/// How a site's vectors of this kind begin; none when it has more passages than are compared, `n_passages`. One round trip.
pub async fn beginnings(
    search: &Search,
    site: &SiteId,
    kind: &str,
    n_passages: u32,
) -> Result<Beginnings, Problem> {
    if n_passages > COMPARED_MAX {
        return Ok(Beginnings(Vec::new()));
    }
    let statement = statement(
        &search.0,
        "SELECT id, substr(vector, 1, ?3) AS vector FROM passages WHERE site_id = ?1 AND vector_of = ?2 LIMIT ?4",
        &[
            text(site.as_str()),
            text(kind),
            int(BEGINNING_CHARACTERS as u64),
            int(COMPARED_MAX.into()),
        ],
    )?;
    let result = statement.all().await.map_err(|error| down(&error))?;
    Ok(Beginnings(result.results()?))
}

/// The passages nearest to a question in meaning. One round trip.
pub async fn near_in_meaning(
    search: &Search,
    site: &SiteId,
    kind: &str,
    question: &Vector,
    Beginnings(beginnings): &Beginnings,
) -> Result<Vec<Candidate>, Problem> {
    let beginnings = beginnings.iter().map(|it| (it.id, it.vector.as_str()));
    let ids = nearest(question, beginnings, N_CANDIDATES);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let statement = statement(
        &search.0,
        "SELECT document_id, title, url, heading, body, language, updated_at, vector FROM passages
         WHERE id IN (SELECT value FROM json_each(?1)) AND site_id = ?2 AND vector_of = ?3 AND language IS NOT NULL",
        &[
            text(&serde_json::to_string(&ids)?),
            text(site.as_str()),
            text(kind),
        ],
    )?;
    let result = statement.all().await.map_err(|error| down(&error))?;
    let rows: Vec<CandidateRow> = result.results()?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}

/// Runs one write.
async fn run(search: &Search, query: &str, values: &[JsValue]) -> Result<D1Result, Problem> {
    let statement = statement(&search.0, query, values)?;
    statement.run().await.map_err(|error| down(&error))
}

fn rows<T: DeserializeOwned>(result: Option<D1Result>) -> Result<Vec<T>, Problem> {
    let rows = result.map(|result| result.results()).transpose()?;
    Ok(rows.unwrap_or_default())
}

impl From<CandidateRow> for Candidate {
    fn from(row: CandidateRow) -> Self {
        Self {
            document: row.document_id,
            title: row.title,
            url: row.url,
            heading: row.heading,
            text: row.body,
            language: Language::from_tag(&row.language),
            updated_at: row.updated_at,
            vector: row.vector.as_deref().and_then(Vector::parse),
        }
    }
}

impl From<FrequencyRow> for TermFrequency {
    fn from(FrequencyRow { own, any }: FrequencyRow) -> Self {
        Self { own, any }
    }
}

impl From<NearRow> for SpellingSuggestion {
    fn from(row: NearRow) -> Self {
        Self {
            term: row.term,
            word: row.word,
        }
    }
}

/// A site's id as one word that the tokenizer neither splits nor stems: letters and digits only, case told apart.
fn site_word(site: &SiteId) -> String {
    let hex: String = site
        .as_str()
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // Ends in a digit that no stemmer takes for a suffix.
    format!("s{hex}0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_word_is_one_plain_word_that_tells_case_apart() {
        let words = ["site_a-B_c", "site_a-b_c"].map(|id| site_word(&SiteId(id.into())));
        assert_ne!(words[0], words[1]);
        assert!(
            words[0]
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        );
    }
}
