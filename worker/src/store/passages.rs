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

/// A document as the index knows it.
pub struct Indexed<'a> {
    /// The document.
    pub id: &'a DocumentId,
    /// Its title, searched with every passage.
    pub title: &'a str,
    /// Where it can be read.
    pub url: Option<&'a str>,
}

/// Puts a document's passages into the index, all or none.
pub async fn insert(
    search: &Search,
    site: &SiteId,
    document: &Indexed<'_>,
    passages: &[Passage],
) -> Result<(), Problem> {
    let mut statements = Vec::new();
    let mut piece = Vec::new();
    let mut piece_bytes = 0;
    for (at, passage) in passages.iter().enumerate() {
        piece_bytes += passage.text.len() + passage.heading.len();
        piece.push(serde_json::json!({
            "ordinal": passage.ordinal, "heading": passage.heading, "body": passage.text,
        }));
        if piece_bytes >= PIECE_BYTES || at + 1 == passages.len() {
            statements.push(insert_piece(
                search,
                site,
                document,
                &std::mem::take(&mut piece),
            )?);
            piece_bytes = 0;
        }
    }
    if statements.is_empty() {
        return Ok(());
    }
    search
        .0
        .batch(statements)
        .await
        .map(drop)
        .map_err(|error| down(&error))
}

fn insert_piece(
    search: &Search,
    site: &SiteId,
    document: &Indexed<'_>,
    piece: &[serde_json::Value],
) -> Result<D1PreparedStatement, Problem> {
    statement(
        &search.0,
        "INSERT INTO passages (site_id, site_word, document_id, ordinal, title, url, heading, body)
         SELECT ?1, ?2, ?3, value ->> 'ordinal', ?4, ?5, value ->> 'heading', value ->> 'body' FROM json_each(?6)",
        &[
            text(site.as_str()),
            text(&site_word(site)),
            text(document.id.as_str()),
            text(document.title),
            maybe(document.url),
            text(&serde_json::to_string(piece)?),
        ],
    )
}

/// Takes a document out of the index.
pub async fn delete(search: &Search, site: &SiteId, document: &str) -> Result<(), Problem> {
    let statement = statement(
        &search.0,
        "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2",
        &[text(site.as_str()), text(document)],
    )?;
    statement
        .run()
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
