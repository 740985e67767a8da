//! Documents as their owner gave them, or as they were fetched.

use oriel_shared::id::{DocumentId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Document, DocumentFormat};
use serde::Deserialize;
use worker::D1PreparedStatement;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

/// A document's row.
#[derive(Clone, Deserialize)]
pub struct DocumentRow {
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
    /// How many passages it has.
    pub passages: u32,
    /// From 1.
    pub version: u32,
    /// The page that it was fetched from.
    pub source: Option<String>,
    /// What the page held when it was fetched last.
    pub source_digest: Option<String>,
    /// The sitemap that led to the page.
    pub sitemap: Option<String>,
    /// When it was made.
    pub created_at: UnixMs,
    /// When this version was made.
    pub updated_at: UnixMs,
}

impl From<DocumentRow> for Document {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            title: row.title,
            format: row.format,
            url: row.url,
            source: row.source,
            content: row.content,
            passages: row.passages,
            version: row.version,
            created_at: row.created_at.rfc3339(),
            updated_at: row.updated_at.rfc3339(),
        }
    }
}

fn format_name(format: DocumentFormat) -> &'static str {
    match format {
        DocumentFormat::Markdown => "markdown",
        DocumentFormat::Text => "text",
        DocumentFormat::Html => "html",
    }
}

/// The statement that adds a document, unless the site has one from the same page. Its rows are what it added.
pub fn insertion(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    row: &DocumentRow,
) -> Result<D1PreparedStatement, Problem> {
    db.statement(
        "INSERT INTO documents (id, org_id, site_id, title, format, url, content, passages, version, source,
           source_digest, sitemap, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT DO NOTHING RETURNING id",
        &[
            text(row.id.as_str()),
            text(org.as_str()),
            text(site.as_str()),
            text(&row.title),
            text(format_name(row.format)),
            maybe(row.url.as_deref()),
            text(row.content.as_deref().unwrap_or_default()),
            int(row.passages.into()),
            int(row.version.into()),
            maybe(row.source.as_deref()),
            maybe(row.source_digest.as_deref()),
            maybe(row.sitemap.as_deref()),
            int(row.created_at.0),
            int(row.updated_at.0),
        ],
    )
}

/// The statement that makes `row` the next version of a document, unless another version was made since the last one was
/// read. Its rows are what it changed.
pub fn replacement(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    row: &DocumentRow,
) -> Result<D1PreparedStatement, Problem> {
    db.statement(
        "UPDATE documents SET title = ?4, format = ?5, url = ?6, content = ?7, passages = ?8, version = ?9,
           source_digest = ?10, updated_at = ?11
         WHERE org_id = ?1 AND site_id = ?2 AND id = ?3 AND version = ?9 - 1
         RETURNING id",
        &[
            text(org.as_str()),
            text(site.as_str()),
            text(row.id.as_str()),
            text(&row.title),
            text(format_name(row.format)),
            maybe(row.url.as_deref()),
            text(row.content.as_deref().unwrap_or_default()),
            int(row.passages.into()),
            int(row.version.into()),
            maybe(row.source_digest.as_deref()),
            int(row.updated_at.0),
        ],
    )
}

/// Runs statements as one transaction and tells whether the last, which is one of the two above, wrote its document.
pub async fn write(db: &Db, statements: Vec<D1PreparedStatement>) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    struct Written {
        #[serde(rename = "id")]
        _id: DocumentId,
    }
    let written: Vec<Written> = db.batch_rows(statements).await?;
    Ok(!written.is_empty())
}

/// A document with its content.
pub async fn find(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    id: &str,
) -> Result<Option<DocumentRow>, Problem> {
    db.first(
        "SELECT id, title, format, url, content, passages, version, source, source_digest, sitemap, created_at,
           updated_at
         FROM documents WHERE org_id = ?1 AND site_id = ?2 AND id = ?3",
        &[text(org.as_str()), text(site.as_str()), text(id)],
    )
    .await
}

/// Whose a document of the index is.
pub async fn owner(db: &Db, site: &SiteId, id: &DocumentId) -> Result<Option<OrgId>, Problem> {
    #[derive(Deserialize)]
    struct Owner {
        org_id: OrgId,
    }
    let owner: Option<Owner> = db
        .first(
            "SELECT org_id FROM documents WHERE site_id = ?1 AND id = ?2",
            &[text(site.as_str()), text(id.as_str())],
        )
        .await?;
    Ok(owner.map(|owner| owner.org_id))
}

/// The document that was fetched from this page, with its content.
pub async fn find_by_source(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    source: &str,
) -> Result<Option<DocumentRow>, Problem> {
    db.first(
        "SELECT id, title, format, url, content, passages, version, source, source_digest, sitemap, created_at,
           updated_at
         FROM documents WHERE org_id = ?1 AND site_id = ?2 AND source = ?3",
        &[text(org.as_str()), text(site.as_str()), text(source)],
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
) -> Result<Vec<DocumentRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        "SELECT id, title, format, url, passages, version, source, source_digest, sitemap, created_at, updated_at
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
