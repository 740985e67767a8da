//! The steps of imports: pages to take over, documents whose pages are gone.
//!
//! Keeps true: a step's outcome is the first that was written for it, in the transaction that wrote its document, and
//! counts once the step is done.

use oriel_shared::id::{DocumentId, ImportId, OrgId, UnixMs};
use oriel_shared::sitemap::ImportPlan;
use oriel_shared::wire::admin::{DocumentOutcome, ImportFailure, ImportFault};
use oriel_shared::wire::problem::Code;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::D1PreparedStatement;

use super::columns::{Row, flag, row};
use super::imports::fault;
use super::{Db, int, text};
use crate::http::problem::Problem;

row! {
    /// One thing to do.
    pub struct ImportStepRow {
        /// Its place.
        pub ordinal: u32,
        /// What it is about.
        pub kind: StepKind,
        /// A page's address, or a document's id.
        pub subject: String,
        /// How often it was begun, this time included.
        pub attempts: u32,
        outcome: Option<String>,
        code: Option<String>,
        detail: Option<String>,
        #[serde(with = "flag")]
        is_done: bool,
    }
}

const COLUMNS: &str = ImportStepRow::COLUMNS;
const VALUES: &str = ImportStepRow::VALUES;

/// What a step is about.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A page to take over.
    Page,
    /// A document whose page is gone.
    Gone,
}

/// What came of a step.
pub enum StepOutcome {
    /// A page was taken over.
    Imported(DocumentOutcome),
    /// A document was removed.
    Removed,
    /// It could not be done.
    Failed(ImportFault),
}

/// The steps of one import.
#[derive(Clone, Copy)]
pub struct ImportSteps<'i> {
    /// Where they are.
    pub db: &'i Db,
    /// The tenant.
    pub org: &'i OrgId,
    /// The import.
    pub import: &'i ImportId,
}

const fn outcome_name(outcome: DocumentOutcome) -> &'static str {
    match outcome {
        DocumentOutcome::Added => "added",
        DocumentOutcome::Changed => "changed",
        DocumentOutcome::Unchanged => "unchanged",
    }
}

impl ImportSteps<'_> {
    /// Writes down the steps, once.
    pub async fn insert(
        self,
        plan: &ImportPlan,
        gone: &[DocumentId],
        now: UnixMs,
    ) -> Result<(), Problem> {
        let step = |kind, subject: &str| ImportStepRow {
            ordinal: 0,
            kind,
            subject: subject.to_owned(),
            attempts: 0,
            outcome: None,
            code: None,
            detail: None,
            is_done: false,
        };
        let pages = plan.pages.iter().map(|url| step(StepKind::Page, url));
        // What may not be fetched is done before it begins.
        let refused = plan.errors.iter().map(|(url, error)| ImportStepRow {
            outcome: Some("failed".to_owned()),
            code: Some(Code::EgressBlocked.name().to_owned()),
            detail: Some(format!("`url` {error}.")),
            is_done: true,
            ..step(StepKind::Page, url)
        });
        let gone = gone.iter().map(|it| step(StepKind::Gone, it.as_str()));
        let steps = (0..).zip(pages.chain(refused).chain(gone));
        let steps: Vec<_> = steps
            .map(|(ordinal, step)| ImportStepRow { ordinal, ..step })
            .collect();
        let [org, import] = [text(self.org.as_str()), text(self.import.as_str())];
        self.db.batch(vec![
            self.db.statement(
                &format!(
                    "INSERT INTO import_steps (org_id, import_id, {COLUMNS}) SELECT ?1, ?2, {VALUES} FROM json_each(?3)
                     WHERE true ON CONFLICT DO NOTHING"
                ),
                &[
                    org.clone(),
                    import.clone(),
                    text(&serde_json::to_string(&steps)?),
                ],
            )?,
            self.db.statement(
                "UPDATE imports SET found = ?3, updated_at = ?4 WHERE org_id = ?1 AND id = ?2 AND found IS NULL",
                &[org, import, int(plan.found as u64), int(now.0)],
            )?,
        ])
        .await
    }

    /// The next steps, begun once more.
    pub async fn begin(self, n: usize) -> Result<Vec<ImportStepRow>, Problem> {
        self.db.all(
            &format!(
                "UPDATE import_steps SET attempts = attempts + 1
                 WHERE org_id = ?1 AND import_id = ?2 AND ordinal IN (
                   SELECT ordinal FROM import_steps WHERE import_id = ?2 AND is_done = 0 ORDER BY ordinal LIMIT ?3
                 )
                 RETURNING {COLUMNS}"
            ),
            &[text(self.org.as_str()), text(self.import.as_str()), int(n as u64)],
        )
        .await
    }

    /// Counts anew how often the steps that are not done are begun: what stopped them was no fault of theirs.
    pub async fn reset_attempts(self) -> Result<(), Problem> {
        self.db.run(
            "UPDATE import_steps SET attempts = 0 WHERE org_id = ?1 AND import_id = ?2 AND is_done = 0",
            &[text(self.org.as_str()), text(self.import.as_str())],
        )
        .await
        .map(drop)
    }

    /// The statement that writes what came of a page, to stand in one transaction with its document. The first one counts.
    pub fn note_outcome(
        self,
        step: &ImportStepRow,
        outcome: DocumentOutcome,
    ) -> Result<D1PreparedStatement, Problem> {
        self.db.statement(
            "UPDATE import_steps SET outcome = ?4
             WHERE org_id = ?1 AND import_id = ?2 AND ordinal = ?3 AND outcome IS NULL",
            &[
                text(self.org.as_str()),
                text(self.import.as_str()),
                int(step.ordinal.into()),
                text(outcome_name(outcome)),
            ],
        )
    }

    /// Writes down that a step is done.
    pub async fn finish(
        self,
        step: &ImportStepRow,
        outcome: &StepOutcome,
        now: UnixMs,
    ) -> Result<(), Problem> {
        let (outcome, code, detail) = match outcome {
            StepOutcome::Imported(outcome) => {
                (outcome_name(*outcome), JsValue::NULL, JsValue::NULL)
            }
            StepOutcome::Removed => ("removed", JsValue::NULL, JsValue::NULL),
            StepOutcome::Failed(fault) => ("failed", text(&fault.code), text(&fault.detail)),
        };
        let (org, import) = (text(self.org.as_str()), text(self.import.as_str()));
        self.db
            .batch(vec![
                self.db.statement(
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
                self.db.statement(
                    "UPDATE imports SET updated_at = ?3 WHERE org_id = ?1 AND id = ?2",
                    &[org, import, int(now.0)],
                )?,
            ])
            .await
    }

    /// The pages that failed, in the order of the sitemap.
    pub async fn failures(self) -> Result<Vec<ImportFailure>, Problem> {
        let rows: Vec<ImportStepRow> = self.db
            .all(
                &format!(
                    "SELECT {COLUMNS} FROM import_steps
                     WHERE org_id = ?1 AND import_id = ?2 AND is_done = 1 AND outcome = 'failed' ORDER BY ordinal"
                ),
                &[text(self.org.as_str()), text(self.import.as_str())],
            )
            .await?;
        let failure = |row: ImportStepRow| {
            Some(ImportFailure {
                url: row.subject,
                fault: fault(row.code, row.detail)?,
            })
        };
        Ok(rows.into_iter().filter_map(failure).collect())
    }
}
