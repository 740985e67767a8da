//! Documents as their owner gave them, or as they were fetched.

use oriel_shared::id::{DocumentId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Document, DocumentFormat};
use serde::Deserialize;
use worker::D1PreparedStatement;

use super::columns::{Row, row};
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// Documents of one sitemap that are looked at for pages that are gone: many imports' worth.
const OF_SITEMAP_MAX: u32 = 2_000;

row! {
    /// A document's row without its content.
    pub struct DocumentRow {
        /// The document.
        pub id: DocumentId,
        /// Its title.
        pub title: String,
        /// How it is written.
        pub format: DocumentFormat,
        /// Where it can be read.
        pub url: Option<String>,
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
    besides {
        /// Read with a single document; see [`StoredDocument`].
        #[serde(default)]
        pub content: Option<String>,
    }
}

const COLUMNS: &str = DocumentRow::COLUMNS;
const VALUES: &str = DocumentRow::VALUES;

/// A document with its content.
#[derive(Clone)]
pub struct StoredDocument {
    /// All but the content.
    pub row: DocumentRow,
    /// Its text.
    pub content: String,
}

impl TryFrom<DocumentRow> for StoredDocument {
    type Error = Problem;

    fn try_from(mut row: DocumentRow) -> Result<Self, Problem> {
        let content = row.content.take();
        let content =
            content.ok_or_else(|| Problem::ours("document", &"its content was not read"))?;
        Ok(Self { row, content })
    }
}

impl From<DocumentRow> for Document {
    fn from(row: DocumentRow) -> Self {
        let DocumentRow {
            id,
            title,
            format,
            url,
            passages,
            version,
            source,
            source_digest: _,
            sitemap: _,
            created_at,
            updated_at,
            content: _,
        } = row;
        Self {
            id,
            title,
            format,
            url,
            source,
            content: None,
            passages,
            version,
            created_at: created_at.rfc3339(),
            updated_at: updated_at.rfc3339(),
        }
    }
}

impl From<StoredDocument> for Document {
    fn from(stored: StoredDocument) -> Self {
        let StoredDocument { row, content } = stored;
        Self {
            content: Some(content),
            ..row.into()
        }
    }
}

/// The statement that adds a document, unless the site has one from the same page. Its rows are what it added.
pub fn insertion(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    document: &StoredDocument,
) -> Result<D1PreparedStatement, Problem> {
    let StoredDocument { row, content } = document;
    db.statement(
        &format!(
            "INSERT INTO documents (org_id, site_id, content, {COLUMNS}) SELECT ?1, ?2, ?3, {VALUES} FROM json_each(?4)
             WHERE true ON CONFLICT DO NOTHING RETURNING id"
        ),
        &[
            text(org.as_str()),
            text(site.as_str()),
            text(content),
            text(&serde_json::to_string(&[row])?),
        ],
    )
}

/// The statement that makes `document` the next version of what it was, unless another version was made since the last
/// one was read. Its rows are what it changed.
pub fn replacement(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    document: &StoredDocument,
) -> Result<D1PreparedStatement, Problem> {
    let StoredDocument { row, content } = document;
    db.statement(
        &format!(
            "UPDATE documents SET content = ?4, ({COLUMNS}) = (SELECT {VALUES} FROM json_each(?5))
             WHERE org_id = ?1 AND site_id = ?2 AND id = ?3 AND version = ?6 - 1
             RETURNING id"
        ),
        &[
            text(org.as_str()),
            text(site.as_str()),
            text(row.id.as_str()),
            text(content),
            text(&serde_json::to_string(&[row])?),
            int(row.version.into()),
        ],
    )
}

/// Runs statements as one transaction and returns whether the last, [`insertion`] or [`replacement`], wrote its
/// document.
pub async fn write(db: &Db, statements: Vec<D1PreparedStatement>) -> Result<bool, Problem> {
    #[derive(Deserialize)]
    struct Written {
        #[serde(rename = "id")]
        _id: DocumentId,
    }
    let written: Vec<Written> = db.batch_rows(statements).await?;
    Ok(!written.is_empty())
}

/// A document of a site.
pub async fn find(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    id: &str,
) -> Result<Option<StoredDocument>, Problem> {
    let row: Option<DocumentRow> = db
        .first(
            &format!(
                "SELECT content, {COLUMNS} FROM documents WHERE org_id = ?1 AND site_id = ?2 AND id = ?3"
            ),
            &[text(org.as_str()), text(site.as_str()), text(id)],
        )
        .await?;
    row.map(TryInto::try_into).transpose()
}

/// Whose a document of the index is.
pub async fn owner(db: &Db, site: &SiteId, id: &DocumentId) -> Result<Option<OrgId>, Problem> {
    #[derive(Deserialize)]
    struct OwnerRow {
        org_id: OrgId,
    }
    let owner: Option<OwnerRow> = db
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
) -> Result<Option<StoredDocument>, Problem> {
    let row: Option<DocumentRow> = db
        .first(
            &format!(
                "SELECT content, {COLUMNS} FROM documents WHERE org_id = ?1 AND site_id = ?2 AND source = ?3"
            ),
            &[text(org.as_str()), text(site.as_str()), text(source)],
        )
        .await?;
    row.map(TryInto::try_into).transpose()
}

/// A document that came through a sitemap.
#[derive(Deserialize)]
pub struct Listed {
    /// The document.
    pub id: DocumentId,
    /// Its page.
    pub source: String,
}

/// The documents that came through a sitemap.
pub async fn of_sitemap(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    sitemap: &str,
) -> Result<Vec<Listed>, Problem> {
    db.all(
        "SELECT id, source FROM documents WHERE org_id = ?1 AND site_id = ?2 AND sitemap = ?3 LIMIT ?4",
        &[
            text(org.as_str()),
            text(site.as_str()),
            text(sitemap),
            int(OF_SITEMAP_MAX.into()),
        ],
    )
    .await
}

/// Removes a document. Returns whether it was there.
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
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<DocumentRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM documents
             WHERE org_id = ?1 AND site_id = ?2 AND (created_at, id) < (?3, ?4)
             ORDER BY created_at DESC, id DESC LIMIT ?5"
        ),
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
