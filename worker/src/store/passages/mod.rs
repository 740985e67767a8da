//! The index of passages, in a database of its own that can be rebuilt from the documents: which version of a document
//! it holds, and how that changes. What is found in it is in [`search`], vectors are in [`vectors`].
//!
//! The index is handed words that are made already (`oriel_shared::answer::words`), each behind its site's word: a
//! query reads one site's postings only, and a site's vocabulary is its own. The site's id is compared besides.

mod search;
mod vectors;

use oriel_shared::answer::Passage;
use oriel_shared::answer::language::Language;
use oriel_shared::answer::stems::{Stems, for_index};
use oriel_shared::id::{DocumentId, SiteId, UnixMs};
use serde::Deserialize;
use worker::D1PreparedStatement;

pub use self::search::find;
pub use self::vectors::{
    Unembedded, VectorPrefixes, delete_vectors, near_in_meaning, save_vectors, unembedded,
    vector_prefixes,
};
use super::{Search, int, maybe, text};
use crate::http::problem::Problem;

/// A bound value may have 2 MB; a document's passages travel in pieces well below.
const PIECE_BYTES: usize = 512 * 1024;

/// The version of a document that is deleted: JavaScript's largest exact number, which no other version reaches.
const DELETED: u64 = (1 << 53) - 1;

/// A version of a document that is to be indexed.
pub struct IndexEntry<'a> {
    /// The document.
    pub document: &'a DocumentId,
    /// Its version.
    pub version: u32,
    /// Its title, searched with every passage.
    pub title: &'a str,
    /// Where it can be read.
    pub url: Option<&'a str>,
    /// When it was added or last changed.
    pub updated_at: UnixMs,
}

/// Which version of a document the index holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexedVersion {
    /// The index has never held a version of it.
    None,
    /// The index holds this version.
    Version(u64),
    /// The document is deleted, so the index holds none any more.
    Deleted,
}

#[derive(Deserialize)]
struct IndexedVersionRow {
    version: u64,
}

impl IndexedVersion {
    fn of(rows: &[IndexedVersionRow]) -> Self {
        match rows.first() {
            None => Self::None,
            Some(row) if row.version == DELETED => Self::Deleted,
            Some(row) => Self::Version(row.version),
        }
    }
}

/// Puts this version of a document in the place of an older one, in one transaction: whoever searches finds either. A
/// newer version stays, and a deleted document stays deleted. Returns what the index holds then.
pub async fn replace(
    search: &Search,
    site: &SiteId,
    entry: &IndexEntry<'_>,
    passages: &[Passage],
) -> Result<IndexedVersion, Problem> {
    let named = [
        text(site.as_str()),
        text(entry.document.as_str()),
        int(entry.version.into()),
    ];
    let mut statements = vec![
        search.statement(
            "INSERT INTO indexed_versions (site_id, document_id, version) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET version = excluded.version WHERE excluded.version >= version",
            &named,
        )?,
        search.statement(
            "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2
               AND EXISTS (SELECT 1 FROM indexed_versions WHERE site_id = ?1 AND document_id = ?2 AND version = ?3)",
            &named,
        )?,
    ];
    let stems = Stems::default();
    let language = Language::of(passages.iter().map(|passage| passage.text.as_str()));
    let words = |text: &str| for_index(text, language, &stems);
    let title_words = words(entry.title);
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
            statements.push(insert_piece(search, site, entry, language, &json)?);
            statements.push(index_piece(search, site, entry, &title_words, &json)?);
            piece_bytes = 0;
        }
    }
    statements.push(search.statement(
        "SELECT version FROM indexed_versions WHERE site_id = ?1 AND document_id = ?2",
        &[text(site.as_str()), text(entry.document.as_str())],
    )?);
    Ok(IndexedVersion::of(&search.batch_rows(statements).await?))
}

fn insert_piece(
    search: &Search,
    site: &SiteId,
    entry: &IndexEntry<'_>,
    language: Language,
    piece: &str,
) -> Result<D1PreparedStatement, Problem> {
    search.statement(
        "INSERT INTO passages (site_id, document_id, ordinal, title, url, heading, body, language, updated_at)
         SELECT ?1, ?2, value ->> 'ordinal', ?3, ?4, value ->> 'heading', value ->> 'body', ?7, ?8 FROM json_each(?5)
         WHERE EXISTS (SELECT 1 FROM indexed_versions WHERE site_id = ?1 AND document_id = ?2 AND version = ?6)",
        &[
            text(site.as_str()),
            text(entry.document.as_str()),
            text(entry.title),
            maybe(entry.url),
            text(piece),
            int(entry.version.into()),
            text(language.tag()),
            int(entry.updated_at.0),
        ],
    )
}

/// Puts the words of passages that were inserted into the index, the site's word before each.
fn index_piece(
    search: &Search,
    site: &SiteId,
    entry: &IndexEntry<'_>,
    title_words: &str,
    piece: &str,
) -> Result<D1PreparedStatement, Problem> {
    search.statement(
        "INSERT INTO words_index (rowid, title, heading, body)
         SELECT p.id, ?2 || replace(?4, ' ', ' ' || ?2),
             ?2 || replace(value ->> 'heading_words', ' ', ' ' || ?2), ?2 || replace(value ->> 'body_words', ' ', ' ' || ?2)
         FROM json_each(?5) JOIN passages AS p
             ON p.site_id = ?1 AND p.document_id = ?3 AND p.ordinal = value ->> 'ordinal'
         WHERE EXISTS (SELECT 1 FROM indexed_versions WHERE site_id = ?1 AND document_id = ?3 AND version = ?6)",
        &[
            text(site.as_str()),
            text(&site_word(site)),
            text(entry.document.as_str()),
            text(title_words),
            text(piece),
            int(entry.version.into()),
        ],
    )
}

/// Which version of a document the index holds.
pub async fn indexed_version(
    search: &Search,
    site: &SiteId,
    document: &DocumentId,
) -> Result<IndexedVersion, Problem> {
    let rows = search
        .all(
            "SELECT version FROM indexed_versions WHERE site_id = ?1 AND document_id = ?2",
            &[text(site.as_str()), text(document.as_str())],
        )
        .await?;
    Ok(IndexedVersion::of(&rows))
}

/// Takes a document out of the index, for good.
pub async fn delete(search: &Search, site: &SiteId, document: &DocumentId) -> Result<(), Problem> {
    let (site, document) = (text(site.as_str()), text(document.as_str()));
    let statements = vec![
        search.statement(
            "INSERT INTO indexed_versions (site_id, document_id, version) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET version = excluded.version",
            &[site.clone(), document.clone(), int(DELETED)],
        )?,
        search.statement(
            "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2",
            &[site, document],
        )?,
    ];
    search.batch(statements).await
}

/// Documents whose words are not in the index, each with its site. They are taken at random, so that those that cannot
/// be cut again are not in every other's way.
pub async fn outdated(search: &Search, limit: u32) -> Result<Vec<(SiteId, DocumentId)>, Problem> {
    #[derive(Deserialize)]
    struct OutdatedRow {
        site_id: SiteId,
        document_id: DocumentId,
    }
    let rows: Vec<OutdatedRow> = search
        .all(
            "SELECT site_id, document_id FROM (
               SELECT DISTINCT site_id, document_id FROM passages WHERE language IS NULL LIMIT 10000
             ) ORDER BY random() LIMIT ?1",
            &[int(limit.into())],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.site_id, row.document_id))
        .collect())
}

/// Takes out the passages of a document that is not in the main database.
pub async fn remove(search: &Search, site: &SiteId, document: &DocumentId) -> Result<(), Problem> {
    search
        .run(
            "DELETE FROM passages WHERE site_id = ?1 AND document_id = ?2",
            &[text(site.as_str()), text(document.as_str())],
        )
        .await
        .map(drop)
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
