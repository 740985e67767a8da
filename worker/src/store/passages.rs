//! The index of passages, in a database of its own that can be rebuilt from the documents.
//!
//! A site's id is also indexed as one plain word, so that a full-text query reads one site's postings only, and is
//! compared as it is besides.

use oriel_shared::answer::{Candidate, Corpus, Passage, Question};
use oriel_shared::id::{DocumentId, SiteId};
use serde::Deserialize;
use worker::D1PreparedStatement;

use super::{Search, down, int, maybe, statement, text};
use crate::http::problem::Problem;

/// Candidates for re-ranking: far more than are shown, few enough to score in a millisecond.
const N_CANDIDATES: u64 = 40;
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
    let mut piece = Vec::new();
    let mut piece_bytes = 0;
    for (at, passage) in passages.iter().enumerate() {
        piece_bytes += passage.text.len() + passage.heading.len();
        piece.push(serde_json::json!({
            "ordinal": passage.ordinal, "heading": passage.heading, "body": passage.text,
        }));
        if piece_bytes >= PIECE_BYTES || at + 1 == passages.len() {
            let piece = std::mem::take(&mut piece);
            statements.push(insert_piece(search, site, edition, &piece)?);
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
    piece: &[serde_json::Value],
) -> Result<D1PreparedStatement, Problem> {
    statement(
        &search.0,
        "INSERT INTO passages (site_id, site_word, document_id, ordinal, title, url, heading, body)
         SELECT ?1, ?2, ?3, value ->> 'ordinal', ?4, ?5, value ->> 'heading', value ->> 'body' FROM json_each(?6)
         WHERE EXISTS (SELECT 1 FROM editions WHERE site_id = ?1 AND document_id = ?3 AND version = ?7)",
        &[
            text(site.as_str()),
            text(&site_word(site)),
            text(edition.document.as_str()),
            text(edition.title),
            maybe(edition.url),
            text(&serde_json::to_string(piece)?),
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

#[derive(Deserialize)]
struct CandidateRow {
    document_id: String,
    title: String,
    url: Option<String>,
    heading: String,
    body: String,
}

#[derive(Deserialize)]
struct Count {
    n: u32,
}

/// What a site's documents offer for a question: the best candidates by BM25, and how common each of the question's
/// terms is in this site. One round trip.
pub async fn find(
    search: &Search,
    site: &SiteId,
    question: &Question,
) -> Result<(Corpus, Vec<Candidate>), Problem> {
    let word = site_word(site);
    let within = |expression: &str| {
        format!("site_word : \"{word}\" AND {{title heading body}} : ({expression})")
    };
    let mut statements = vec![
        statement(
            &search.0,
            "SELECT p.document_id, p.title, p.url, p.heading, p.body
             FROM passages_index AS i JOIN passages AS p ON p.id = i.rowid
             WHERE i.passages_index MATCH ?1 AND p.site_id = ?2
             ORDER BY bm25(passages_index, 0.0, 2.0, 3.0, 1.0) LIMIT ?3",
            &[
                text(&within(&question.match_any())),
                text(site.as_str()),
                int(N_CANDIDATES),
            ],
        )?,
        statement(
            &search.0,
            "SELECT count(*) AS n FROM passages WHERE site_id = ?1",
            &[text(site.as_str())],
        )?,
    ];
    for term in question.match_terms() {
        statements.push(statement(
            &search.0,
            "SELECT count(*) AS n FROM passages_index WHERE passages_index MATCH ?1",
            &[text(&within(&term))],
        )?);
    }
    let results = search
        .0
        .batch(statements)
        .await
        .map_err(|error| down(&error))?;
    let mut results = results.into_iter();
    let rows: Vec<CandidateRow> = results
        .next()
        .map(|result| result.results())
        .transpose()?
        .unwrap_or_default();
    let mut counts = Vec::new();
    for result in results {
        counts.push(
            result
                .results::<Count>()?
                .first()
                .map_or(0, |count| count.n),
        );
    }
    let passages = counts.first().copied().unwrap_or(0);
    let corpus = Corpus {
        passages,
        frequencies: counts.into_iter().skip(1).collect(),
    };
    let candidates = rows
        .into_iter()
        .map(|row| Candidate {
            document: row.document_id,
            title: row.title,
            url: row.url,
            heading: row.heading,
            text: row.body,
        })
        .collect();
    Ok((corpus, candidates))
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
