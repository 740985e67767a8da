//! Imports of sitemaps and their steps. D1 is where an import stands; its object only keeps time.
//!
//! Keeps true: one import of a site runs at a time, which the database itself refuses to have otherwise; a step's outcome
//! is the first that was written for it, in the transaction that wrote its document, and counts once the step is done.

use oriel_shared::id::{ApiKeyId, DocumentId, ImportId, OrgId, SiteId, UnixMs};
use oriel_shared::sitemap::ImportPlan;
use oriel_shared::wire::admin::{
    DocumentOutcome, Import, ImportFailure, ImportFault, ImportStatus,
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::D1PreparedStatement;

use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

/// Documents of one sitemap that are looked at for pages that are gone: many imports' worth.
const OF_SITEMAP_MAX: u32 = 2_000;

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

/// An import's row and the sums of its steps.
#[derive(Deserialize)]
pub struct ImportRow {
    /// The import.
    pub id: ImportId,
    sitemap: String,
    status: ImportStatus,
    found: u32,
    n_pages: u32,
    added: u32,
    changed: u32,
    unchanged: u32,
    failed: u32,
    removed: u32,
    code: Option<String>,
    detail: Option<String>,
    /// When it was asked for.
    pub created_at: UnixMs,
    updated_at: UnixMs,
}

fn fault(code: Option<String>, detail: Option<String>) -> Option<ImportFault> {
    Some(ImportFault {
        code: code?,
        detail: detail.unwrap_or_default(),
    })
}

impl From<ImportRow> for Import {
    fn from(row: ImportRow) -> Self {
        Self {
            id: row.id,
            sitemap: row.sitemap,
            status: row.status,
            found: row.found,
            done: row.added + row.changed + row.unchanged + row.failed,
            added: row.added,
            changed: row.changed,
            unchanged: row.unchanged,
            failed: row.failed,
            skipped: row.found.saturating_sub(row.n_pages),
            removed: row.removed,
            fault: fault(row.code, row.detail),
            failures: None,
            created_at: row.created_at.rfc3339(),
            updated_at: row.updated_at.rfc3339(),
        }
    }
}

/// An import that runs.
#[derive(Deserialize)]
pub struct Running {
    /// The import.
    pub id: ImportId,
    /// Its sitemap.
    pub sitemap: String,
    /// Who asked for it.
    pub made_by: ApiKeyId,
    /// Whether its steps are planned.
    pub found: Option<u32>,
}

/// One thing to do.
#[derive(Deserialize)]
pub struct Step {
    /// Its place.
    pub ordinal: u32,
    /// What it is about.
    pub kind: StepKind,
    /// A page's address, or a document's id.
    pub subject: String,
    /// Times that it was begun, this one included.
    pub attempts: u32,
}

/// What a step is about.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A page to take over.
    Page,
    /// A document whose page is gone.
    Gone,
}

/// What came of a step.
pub enum Settled {
    /// A page was taken over.
    Taken(DocumentOutcome),
    /// A document was removed.
    Removed,
    /// It could not be done.
    Failed(ImportFault),
}

fn outcome_name(outcome: DocumentOutcome) -> &'static str {
    match outcome {
        DocumentOutcome::Added => "added",
        DocumentOutcome::Changed => "changed",
        DocumentOutcome::Unchanged => "unchanged",
    }
}

/// Begins an import. Tells whether it did: not while another one of the site runs.
pub async fn start(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    sitemap: &str,
    by: &ApiKeyId,
    now: UnixMs,
) -> Result<bool, Problem> {
    let n_made = db
        .run(
            "INSERT INTO imports (id, org_id, site_id, sitemap, status, made_by, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, 'running', ?5, ?6, ?6) ON CONFLICT DO NOTHING",
            &[
                text(id.as_str()),
                text(job.org.as_str()),
                text(job.site.as_str()),
                text(sitemap),
                text(by.as_str()),
                int(now.0),
            ],
        )
        .await?;
    Ok(n_made > 0)
}

/// An import.
pub async fn find(db: &Db, job: &ImportJob, id: &str) -> Result<Option<ImportRow>, Problem> {
    db.first(
        "SELECT i.id, i.sitemap, i.status, coalesce(i.found, 0) AS found,
           count(*) FILTER (WHERE s.kind = 'page') AS n_pages,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'added') AS added,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'changed') AS changed,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'unchanged') AS unchanged,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'failed') AS failed,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'removed') AS removed,
           i.code, i.detail, i.created_at, i.updated_at
         FROM imports AS i LEFT JOIN import_steps AS s ON s.org_id = i.org_id AND s.import_id = i.id
         WHERE i.org_id = ?1 AND i.site_id = ?2 AND i.id = ?3 GROUP BY i.id",
        &[text(job.org.as_str()), text(job.site.as_str()), text(id)],
    )
    .await
}

/// A page of a site's imports, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    job: &ImportJob,
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<ImportRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        "SELECT i.id, i.sitemap, i.status, coalesce(i.found, 0) AS found,
           count(*) FILTER (WHERE s.kind = 'page') AS n_pages,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'added') AS added,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'changed') AS changed,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'unchanged') AS unchanged,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'failed') AS failed,
           count(*) FILTER (WHERE s.is_done = 1 AND s.outcome = 'removed') AS removed,
           i.code, i.detail, i.created_at, i.updated_at
         FROM (
           SELECT id, org_id, sitemap, status, found, code, detail, created_at, updated_at FROM imports
           WHERE org_id = ?1 AND site_id = ?2 AND (created_at, id) < (?3, ?4)
           ORDER BY created_at DESC, id DESC LIMIT ?5
         ) AS i LEFT JOIN import_steps AS s ON s.org_id = i.org_id AND s.import_id = i.id
         GROUP BY i.id ORDER BY i.created_at DESC, i.id DESC",
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

/// The pages of an import that failed, in the order of the list.
pub async fn failures(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
) -> Result<Vec<ImportFailure>, Problem> {
    #[derive(Deserialize)]
    struct Failed {
        subject: String,
        code: Option<String>,
        detail: Option<String>,
    }
    let rows: Vec<Failed> = db
        .all(
            "SELECT subject, code, detail FROM import_steps
             WHERE org_id = ?1 AND import_id = ?2 AND is_done = 1 AND outcome = 'failed' ORDER BY ordinal",
            &[text(job.org.as_str()), text(id.as_str())],
        )
        .await?;
    let failure = |row: Failed| {
        Some(ImportFailure {
            url: row.subject,
            fault: fault(row.code, row.detail)?,
        })
    };
    Ok(rows.into_iter().filter_map(failure).collect())
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
pub async fn running(db: &Db, job: &ImportJob) -> Result<Option<Running>, Problem> {
    db.first(
        "SELECT id, sitemap, made_by, found FROM imports
         WHERE org_id = ?1 AND site_id = ?2 AND status = 'running'",
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
    let maybe = |part: Option<&String>| part.map_or(JsValue::NULL, |part| text(part));
    db.run(
        "UPDATE imports SET status = ?4, code = ?5, detail = ?6, updated_at = ?7
         WHERE org_id = ?1 AND site_id = ?2 AND id = ?3 AND status = 'running'",
        &[
            text(job.org.as_str()),
            text(job.site.as_str()),
            text(id.as_str()),
            text(status),
            maybe(fault.map(|fault| &fault.code)),
            maybe(fault.map(|fault| &fault.detail)),
            int(now.0),
        ],
    )
    .await
    .map(drop)
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
pub async fn of_sitemap(db: &Db, job: &ImportJob, sitemap: &str) -> Result<Vec<Listed>, Problem> {
    db.all(
        "SELECT id, source FROM documents WHERE org_id = ?1 AND site_id = ?2 AND sitemap = ?3 LIMIT ?4",
        &[
            text(job.org.as_str()),
            text(job.site.as_str()),
            text(sitemap),
            int(OF_SITEMAP_MAX.into()),
        ],
    )
    .await
}

/// A step as it is planned.
#[derive(Serialize)]
struct Planned<'a> {
    kind: &'static str,
    subject: &'a str,
    outcome: Option<&'static str>,
    code: Option<&'static str>,
    detail: Option<String>,
}

/// Writes down the steps of an import, once.
pub async fn plan(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    plan: &ImportPlan,
    gone: &[DocumentId],
    now: UnixMs,
) -> Result<(), Problem> {
    let refused = oriel_shared::wire::problem::Code::EgressBlocked.name();
    let page = |subject| Planned {
        kind: "page",
        subject,
        outcome: None,
        code: None,
        detail: None,
    };
    let faults = plan.errors.iter().map(|(url, fault)| Planned {
        outcome: Some("failed"),
        code: Some(refused),
        detail: Some(format!("`url` {fault}.")),
        ..page(url)
    });
    let gone = gone.iter().map(|document| Planned {
        kind: "gone",
        ..page(document.as_str())
    });
    let pages = plan.pages.iter().map(|url| page(url));
    let steps: Vec<Planned<'_>> = pages.chain(faults).chain(gone).collect();
    let named = [text(job.org.as_str()), text(id.as_str())];
    let [org, import] = named;
    db.batch(vec![
        db.statement(
            "INSERT INTO import_steps (import_id, ordinal, org_id, kind, subject, attempts, outcome, code, detail, is_done)
             SELECT ?2, key, ?1, value ->> 'kind', value ->> 'subject', 0, value ->> 'outcome', value ->> 'code',
               value ->> 'detail', (value ->> 'outcome') IS NOT NULL
             FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING",
            &[
                org.clone(),
                import.clone(),
                text(&serde_json::to_string(&steps)?),
            ],
        )?,
        db.statement(
            "UPDATE imports SET found = ?3, updated_at = ?4 WHERE org_id = ?1 AND id = ?2 AND found IS NULL",
            &[org, import, int(plan.found as u64), int(now.0)],
        )?,
    ])
    .await
}

/// The next steps of an import, begun once more.
pub async fn begin(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    n: usize,
) -> Result<Vec<Step>, Problem> {
    db.all(
        "UPDATE import_steps SET attempts = attempts + 1
         WHERE org_id = ?1 AND import_id = ?2 AND ordinal IN (
           SELECT ordinal FROM import_steps WHERE import_id = ?2 AND is_done = 0 ORDER BY ordinal LIMIT ?3
         )
         RETURNING ordinal, kind, subject, attempts",
        &[
            text(job.org.as_str()),
            text(id.as_str()),
            int(n as u64),
        ],
    )
    .await
}

/// Forgets that these steps were begun: what stopped them was no fault of theirs.
pub async fn unbegin(db: &Db, job: &ImportJob, id: &ImportId) -> Result<(), Problem> {
    db.run(
        "UPDATE import_steps SET attempts = 0 WHERE org_id = ?1 AND import_id = ?2 AND is_done = 0",
        &[text(job.org.as_str()), text(id.as_str())],
    )
    .await
    .map(drop)
}

/// The statement that writes what came of a page, to stand in one transaction with its document. The first one counts.
pub fn note(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    step: &Step,
    outcome: DocumentOutcome,
) -> Result<D1PreparedStatement, Problem> {
    db.statement(
        "UPDATE import_steps SET outcome = ?4
         WHERE org_id = ?1 AND import_id = ?2 AND ordinal = ?3 AND outcome IS NULL",
        &[
            text(job.org.as_str()),
            text(id.as_str()),
            int(step.ordinal.into()),
            text(outcome_name(outcome)),
        ],
    )
}

/// Writes down that a step is done.
pub async fn settle(
    db: &Db,
    job: &ImportJob,
    id: &ImportId,
    step: &Step,
    settled: &Settled,
    now: UnixMs,
) -> Result<(), Problem> {
    let (outcome, code, detail) = match settled {
        Settled::Taken(outcome) => (outcome_name(*outcome), JsValue::NULL, JsValue::NULL),
        Settled::Removed => ("removed", JsValue::NULL, JsValue::NULL),
        Settled::Failed(fault) => ("failed", text(&fault.code), text(&fault.detail)),
    };
    let (org, import) = (text(job.org.as_str()), text(id.as_str()));
    db.batch(vec![
        db.statement(
            "UPDATE import_steps SET is_done = 1, code = ?5, detail = ?6,
               outcome = CASE WHEN ?4 = 'failed' THEN ?4 ELSE coalesce(outcome, ?4) END
             WHERE org_id = ?1 AND import_id = ?2 AND ordinal = ?3",
            &[
                org.clone(),
                import.clone(),
                int(step.ordinal.into()),
                text(outcome),
                code,
                detail,
            ],
        )?,
        db.statement(
            "UPDATE imports SET updated_at = ?3 WHERE org_id = ?1 AND id = ?2",
            &[org, import, int(now.0)],
        )?,
    ])
    .await
}

/// Sites whose import has not come forward since `until`, of every organisation: for the job that makes sure of them. They
/// are taken at random, so that an importer that cannot be woken is not in every other's way.
pub async fn stalled(db: &Db, until: UnixMs, limit: u32) -> Result<Vec<ImportJob>, Problem> {
    db.all(
        "SELECT org_id, site_id FROM (
           SELECT org_id, site_id FROM imports WHERE status = 'running' AND updated_at < ?1 LIMIT 10000
         ) ORDER BY random() LIMIT ?2",
        &[int(until.0), int(limit.into())],
    )
    .await
}

/// Forgets imports that ended before `until`. Tells how many.
pub async fn forget(db: &Db, until: UnixMs) -> Result<usize, Problem> {
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
