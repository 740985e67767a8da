//! Vectors of passages: what they mean, on sites with an embedding model.

use oriel_shared::answer::Candidate;
use oriel_shared::answer::embeddings::{BEGINNING_CHARACTERS, Vector, nearest};
use oriel_shared::id::SiteId;
use serde::{Deserialize, Serialize};

use super::search::{CandidateRow, N_CANDIDATES};
use crate::http::problem::Problem;
use crate::store::{Search, int, text};

/// Passages of a site whose vectors are compared with a question's: two megabytes, read while the model is asked.
const COMPARED_MAX: u32 = 5_000;

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
    search
        .all(
            "SELECT id, title, heading, body FROM passages
             WHERE id IN (SELECT id FROM passages INDEXED BY passages_by_vector
                          WHERE site_id = ?1 AND vector_of IS NOT ?2 AND id > ?3 ORDER BY id LIMIT ?4)
             ORDER BY id",
            &[text(site.as_str()), text(kind), int(after), int(limit)],
        )
        .await
}

/// Gives passages their vectors, unless they say something else by now. Returns how many took one.
pub async fn save_vectors(
    search: &Search,
    site: &SiteId,
    kind: &str,
    passages: &[Unembedded],
    vectors: &[Vector],
) -> Result<usize, Problem> {
    #[derive(Serialize)]
    struct EmbeddedRow<'a> {
        #[serde(flatten)]
        passage: &'a Unembedded,
        vector: String,
    }
    let rows = passages
        .iter()
        .zip(vectors)
        .map(|(passage, vector)| EmbeddedRow {
            passage,
            vector: vector.text(),
        });
    let rows = serde_json::to_string(&rows.collect::<Vec<_>>())?;
    search
        .run(
            "UPDATE passages SET vector = made.value ->> 'vector', vector_of = ?2
             FROM json_each(?3) AS made
             WHERE passages.id = made.value ->> 'id' AND passages.site_id = ?1
               AND passages.title = made.value ->> 'title' AND passages.heading = made.value ->> 'heading'
               AND passages.body = made.value ->> 'body'",
            &[text(site.as_str()), text(kind), text(&rows)],
        )
        .await
}

/// Deletes a site's vectors.
pub async fn delete_vectors(search: &Search, site: &SiteId) -> Result<(), Problem> {
    search
        .run(
            "UPDATE passages SET vector = NULL, vector_of = NULL
             WHERE site_id = ?1 AND vector_of IS NOT NULL",
            &[text(site.as_str())],
        )
        .await
        .map(drop)
}

/// The first characters of the vectors of a site's passages, enough to find the nearest few.
pub struct VectorPrefixes(Vec<VectorPrefix>);

#[derive(Deserialize)]
struct VectorPrefix {
    id: u64,
    vector: String,
}

/// The prefixes of a site's vectors of this kind; none when it has more passages than are compared, `n_passages`. One
/// round trip.
pub async fn vector_prefixes(
    search: &Search,
    site: &SiteId,
    kind: &str,
    n_passages: u32,
) -> Result<VectorPrefixes, Problem> {
    if n_passages > COMPARED_MAX {
        return Ok(VectorPrefixes(Vec::new()));
    }
    let prefixes = search
        .all(
            "SELECT id, substr(vector, 1, ?3) AS vector FROM passages
             WHERE site_id = ?1 AND vector_of = ?2 LIMIT ?4",
            &[
                text(site.as_str()),
                text(kind),
                int(BEGINNING_CHARACTERS as u64),
                int(COMPARED_MAX.into()),
            ],
        )
        .await?;
    Ok(VectorPrefixes(prefixes))
}

/// The passages nearest to a question in meaning. One round trip.
pub async fn near_in_meaning(
    search: &Search,
    site: &SiteId,
    kind: &str,
    question: &Vector,
    VectorPrefixes(prefixes): &VectorPrefixes,
) -> Result<Vec<Candidate>, Problem> {
    let prefixes = prefixes.iter().map(|it| (it.id, it.vector.as_str()));
    let ids = nearest(question, prefixes, N_CANDIDATES);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<CandidateRow> = search
        .all(
            "SELECT document_id, title, url, heading, body, language, updated_at, vector FROM passages
             WHERE id IN (SELECT value FROM json_each(?1)) AND site_id = ?2 AND vector_of = ?3
               AND language IS NOT NULL",
            &[
                text(&serde_json::to_string(&ids)?),
                text(site.as_str()),
                text(kind),
            ],
        )
        .await?;
    Ok(rows.into_iter().map(Candidate::from).collect())
}
