//! Documents as their owner gave them.

use oriel_shared::id::{DocumentId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Document, DocumentFormat};
use serde::Deserialize;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

/// A document's row.
#[derive(Deserialize)]
pub struct Row {
    /// The document.
    pub id: DocumentId,
    /// Its title.
    pub title: String,
    /// How it is written.
    pub format: DocumentFormat,
    /// Where it can be read.
    pub url: Option<String>,
    /// Absent in lists.
    #[serde(default)]
    pub content: Option<String>,
    /// How many passages were indexed.
    pub passages: u32,
    /// When it was made.
    pub created_at: UnixMs,
}

impl From<Row> for Document {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            title: row.title,
            format: row.format,
            url: row.url,
            content: row.content,
            passages: row.passages,
            created_at: row.created_at.rfc3339(),
        }
    }
}

/// Adds a document.
pub async fn insert(db: &Db, org: &OrgId, site: &SiteId, row: &Row) -> Result<(), Problem> {
    let format = match row.format {
        DocumentFormat::Markdown => "markdown",
        DocumentFormat::Text => "text",
    };
    db.run(
        "INSERT INTO documents (id, org_id, site_id, title, format, url, content, passages, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        &[
            text(row.id.as_str()),
            text(org.as_str()),
            text(site.as_str()),
            text(&row.title),
            text(format),
            maybe(row.url.as_deref()),
            text(row.content.as_deref().unwrap_or_default()),
            int(row.passages.into()),
            int(row.created_at.0),
        ],
    )
    .await
    .map(drop)
}

/// A document with its content.
pub async fn find(db: &Db, org: &OrgId, site: &SiteId, id: &str) -> Result<Option<Row>, Problem> {
    db.first(
        "SELECT id, title, format, url, content, passages, created_at
         FROM documents WHERE org_id = ?1 AND site_id = ?2 AND id = ?3",
        &[text(org.as_str()), text(site.as_str()), text(id)],
    )
    .await
}

/// Removes a document. Tells whether it was there.
pub async fn delete(db: &Db, org: &OrgId, site: &SiteId, id: &str) -> Result<bool, Problem> {
    let n_deleted = db
        .run(
            "DELETE FROM documents WHERE org_id = ?1 AND site_id = ?2 AND id = ?3",
            &[text(org.as_str()), text(site.as_str()), text(id)],
        )
        .await?;
    Ok(n_deleted > 0)
}

/// A page of a site's documents without their content, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<Row>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        "SELECT id, title, format, url, passages, created_at
         FROM documents
         WHERE org_id = ?1 AND site_id = ?2 AND (created_at, id) < (?3, ?4)
         ORDER BY created_at DESC, id DESC LIMIT ?5",
        &[
            text(org.as_str()),
            text(site.as_str()),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}
