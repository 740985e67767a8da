//! Imports of sitemaps. D1 is where an import stands; its object only keeps time.
//!
//! Keeps true: one import of a site runs at a time, which the database itself refuses to have otherwise.

use oriel_shared::id::{ApiKeyId, ImportId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Import, ImportFault, ImportStatus};
use serde::{Deserialize, Serialize};

use super::columns::{Row, json, row};
use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// Where a site's imports are made, by owner and site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportJob {
    /// The tenant.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The site.
    #[serde(rename = "site_id")]
    pub site: SiteId,
}

row! {
    /// An import's row.
    pub struct ImportRow {
        /// The import.
        pub id: ImportId,
        /// Its sitemap.
        pub sitemap: String,
        status: ImportStatus,
        /// Who asked for it.
        pub made_by: ApiKeyId,
        /// How many pages are listed, once its steps are planned.
        pub found: Option<u32>,
        code: Option<String>,
        detail: Option<String>,
        /// When it was asked for.
        pub created_at: UnixMs,
        updated_at: UnixMs,
    }
    besides {
        #[serde(deserialize_with = "json::deserialize")]
        sums: Sums,
    }
}

const COLUMNS: &str = ImportRow::COLUMNS;
const VALUES: &str = ImportRow::VALUES;

/// How many steps of an import are done, by outcome, as a JSON object. The first bound value is the organisation.
const SUMS: &str = "(SELECT json_object(
     'n_pages', count(*) FILTER (WHERE kind = 'page'),
     'added', count(*) FILTER (WHERE is_done = 1 AND outcome = 'added'),
     'changed', count(*) FILTER (WHERE is_done = 1 AND outcome = 'changed'),
     'unchanged', count(*) FILTER (WHERE is_done = 1 AND outcome = 'unchanged'),
     'failed', count(*) FILTER (WHERE is_done = 1 AND outcome = 'failed'),
     'removed', count(*) FILTER (WHERE is_done = 1 AND outcome = 'removed'))
   FROM import_steps WHERE org_id = ?1 AND import_id = imports.id) AS sums";

/// See [`SUMS`].
#[derive(Clone, Default, Deserialize)]
struct Sums {
    n_pages: u32,
    added: u32,
    changed: u32,
    unchanged: u32,
    failed: u32,
    removed: u32,
}

/// Why something failed, when it did.
pub(super) fn fault(code: Option<String>, detail: Option<String>) -> Option<ImportFault> {
    Some(ImportFault {
        code: code?,
        detail: detail.unwrap_or_default(),
    })
}

impl From<ImportRow> for Import {
    fn from(row: ImportRow) -> Self {
        let ImportRow {
            id,
            sitemap,
            status,
            made_by: _,
            found,
            code,
            detail,
            created_at,
            updated_at,
            sums,
        } = row;
        let Sums {
            n_pages,
            added,
            changed,
            unchanged,
            failed,
            removed,
        } = sums;
        let found = found.unwrap_or_default();
        Self {
            id,
            sitemap,
            status,
            found,
            done: added + changed + unchanged + failed,
            added,
            changed,
            unchanged,
            failed,
            skipped: found.saturating_sub(n_pages),
            removed,
            fault: fault(code, detail),
            failures: None,
            created_at: created_at.rfc3339(),
            updated_at: updated_at.rfc3339(),
        }
    }
}

/// Begins an import, unless another one of the site runs. Returns whether it began.
pub async fn start(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    sitemap: &str,
    by: &ApiKeyId,
    now: UnixMs,
) -> Result<bool, Problem> {
    let row = ImportRow {
        id: id.clone(),
        sitemap: sitemap.to_owned(),
        status: ImportStatus::Running,
        made_by: by.clone(),
        found: None,
        code: None,
        detail: None,
        created_at: now,
        updated_at: now,
        sums: Sums::default(),
    };
    let n_made = db
        .run(
            &format!(
                "INSERT INTO imports (org_id, site_id, {COLUMNS}) SELECT ?1, ?2, {VALUES} FROM json_each(?3)
                 WHERE true ON CONFLICT DO NOTHING"
            ),
            &[
                text(job.org.as_str()),
                text(job.site.as_str()),
                text(&serde_json::to_string(&[row])?),
            ],
        )
        .await?;
    Ok(n_made > 0)
}

/// An import.
pub async fn find(db: &Db, job: &ImportJob, id: &str) -> Result<Option<ImportRow>, Problem> {
    db.first(
        &format!(
            "SELECT {COLUMNS}, {SUMS} FROM imports WHERE org_id = ?1 AND site_id = ?2 AND id = ?3"
        ),
        &[text(job.org.as_str()), text(job.site.as_str()), text(id)],
    )
    .await
}

/// A page of a site's imports, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    job: &ImportJob,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<ImportRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS}, {SUMS} FROM imports
             WHERE org_id = ?1 AND site_id = ?2 AND (created_at, id) < (?3, ?4)
             ORDER BY created_at DESC, id DESC LIMIT ?5"
        ),
        &[
            text(job.org.as_str()),
            text(job.site.as_str()),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}

/// Ends an import before its time. One that has ended stays as it ended.
pub async fn cancel(db: &Db, job: &ImportJob, id: &ImportId, now: UnixMs) -> Result<(), Problem> {
    db.run(
        "UPDATE imports SET status = 'cancelled', updated_at = ?4
         WHERE org_id = ?1 AND site_id = ?2 AND id = ?3 AND status = 'running'",
        &[
            text(job.org.as_str()),
            text(job.site.as_str()),
            text(id.as_str()),
            int(now.0),
        ],
    )
    .await
    .map(drop)
}

/// The import of a site that runs.
pub async fn running(db: &Db, job: &ImportJob) -> Result<Option<ImportRow>, Problem> {
    db.first(
        &format!(
            "SELECT {COLUMNS}, {SUMS} FROM imports WHERE org_id = ?1 AND site_id = ?2 AND status = 'running'"
        ),
        &[text(job.org.as_str()), text(job.site.as_str())],
    )
    .await
}

/// Ends an import: well, or with the reason why its sitemap could not be read.
pub async fn end(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    fault: Option<&ImportFault>,
    now: UnixMs,
) -> Result<(), Problem> {
    let status = if fault.is_some() {
        "failed"
    } else {
        "finished"
    };
    db.run(
        "UPDATE imports SET status = ?4, code = ?5, detail = ?6, updated_at = ?7
         WHERE org_id = ?1 AND site_id = ?2 AND id = ?3 AND status = 'running'",
        &[
            text(job.org.as_str()),
            text(job.site.as_str()),
            text(id.as_str()),
            text(status),
            maybe(fault.map(|fault| fault.code.as_str())),
            maybe(fault.map(|fault| fault.detail.as_str())),
            int(now.0),
        ],
    )
    .await
    .map(drop)
}

/// Sites whose import has not come forward since `until`, of every organisation: for the job that makes sure of them.
/// They are taken at random, so that an importer that cannot be woken is not in every other's way.
pub async fn stalled(db: &Db, until: UnixMs, limit: u32) -> Result<Vec<ImportJob>, Problem> {
    db.all(
        "SELECT org_id, site_id FROM (
           SELECT org_id, site_id FROM imports WHERE status = 'running' AND updated_at < ?1 LIMIT 10000
         ) ORDER BY random() LIMIT ?2",
        &[int(until.0), int(limit.into())],
    )
    .await
}

/// Deletes imports that ended before `until`, and their steps. Returns how many there were.
pub async fn delete_older(db: &Db, until: UnixMs) -> Result<usize, Problem> {
    #[derive(Deserialize)]
    struct Forgotten {
        #[serde(rename = "id")]
        _id: ImportId,
    }
    let forgotten: Vec<Forgotten> = db
        .batch_rows(vec![
            db.statement(
                "DELETE FROM import_steps WHERE import_id IN (
                   SELECT id FROM imports WHERE status != 'running' AND updated_at < ?1
                 )",
                &[int(until.0)],
            )?,
            db.statement(
                "DELETE FROM imports WHERE status != 'running' AND updated_at < ?1 RETURNING id",
                &[int(until.0)],
            )?,
        ])
        .await?;
    Ok(forgotten.len())
}
