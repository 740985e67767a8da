//! One import: a sitemap is read, its pages are taken over, those that it does not list any more are removed.

use oriel_shared::event::Actor;
use oriel_shared::sitemap::{ImportPlan, SITEMAPS_MAX, Sitemap, SitemapError, entry};
use oriel_shared::wire::admin::ImportFault;
use oriel_shared::wire::problem::Code;
use worker::{Env, Url};

use crate::clock;
use crate::http::problem::Problem;
use crate::knowledge::{FetchedPage, SiteDocuments, page};
use crate::store::Db;
use crate::store::documents;
use crate::store::import_steps::{ImportStepRow, ImportSteps, StepKind, StepOutcome};
use crate::store::imports::{self, ImportJob, ImportRow};

/// Times that a step may be begun. A restart or a deployment is no fault of a page; five in a row are.
const ATTEMPTS_MAX: u32 = 5;

/// An import under way.
pub struct PageImport<'i> {
    /// For pages and the index.
    pub env: &'i Env,
    /// Where the import stands.
    pub db: &'i Db,
    /// Whose it is.
    pub job: &'i ImportJob,
    /// Which.
    pub import: &'i ImportRow,
}

impl PageImport<'_> {
    /// Its steps.
    pub fn steps(&self) -> ImportSteps<'_> {
        ImportSteps {
            db: self.db,
            org: &self.job.org,
            import: &self.import.id,
        }
    }

    /// Reads the sitemap and writes down what is to be done.
    pub async fn plan(&self) -> Result<(), Problem> {
        let Self {
            db, job, import, ..
        } = self;
        let plan = match self.read().await {
            Ok(plan) => plan,
            Err(problem) => {
                let fault = page_fault(problem)?;
                return imports::end(db, job, &import.id, Some(&fault), clock::now()).await;
            }
        };
        let gone: Vec<_> = documents::of_sitemap(db, &job.org, &job.site, &import.sitemap)
            .await?
            .into_iter()
            .filter(|listed| plan.is_gone(&listed.source))
            .map(|listed| listed.id)
            .collect();
        self.steps().insert(&plan, &gone, clock::now()).await
    }

    /// Reads the sitemap, and those that it leads to when it is an index.
    async fn read(&self) -> Result<ImportPlan, Problem> {
        let (url, sitemap) = page::sitemap(self.env, &self.by(), &self.import.sitemap).await?;
        let mut plan = ImportPlan::new();
        match sitemap {
            Sitemap::Pages(entries) => plan.add(&url, &entries),
            Sitemap::Sitemaps(entries) => {
                for (at, text) in entries.iter().enumerate() {
                    if at < SITEMAPS_MAX {
                        self.add_below(&mut plan, &url, text).await?;
                    } else {
                        plan.skip_sitemap(text, SitemapError::TooManySitemaps);
                    }
                }
            }
        }
        if plan.found == 0 {
            let detail = "`sitemap` lists no page.";
            return Err(Problem::new(Code::PageUnreadable, detail));
        }
        Ok(plan)
    }

    /// Adds what a sitemap lists that an index leads to, or why it is left out, which is no failure of the import.
    async fn add_below(
        &self,
        plan: &mut ImportPlan,
        index: &Url,
        text: &str,
    ) -> Result<(), Problem> {
        let url = match entry(index, text) {
            Ok(url) => url,
            Err((_, error)) => {
                plan.skip_sitemap(text, error);
                return Ok(());
            }
        };
        match page::sitemap(self.env, &self.by(), url.as_str()).await {
            Ok((url, Sitemap::Pages(entries))) => plan.add(&url, &entries),
            Ok((_, Sitemap::Sitemaps(_))) => {
                plan.skip_sitemap(text, SitemapError::TooManySitemaps);
            }
            Err(problem) => {
                let _their_fault = page_fault(problem)?;
                plan.skip_sitemap(text, SitemapError::Unreadable);
            }
        }
        Ok(())
    }

    /// Does one step and writes down what came of it.
    pub async fn run_step(&self, step: &ImportStepRow) -> Result<(), Problem> {
        let outcome = if step.attempts > ATTEMPTS_MAX {
            StepOutcome::Failed(ImportFault {
                code: Code::Internal.name().to_owned(),
                detail: format!("`url` was given up after {ATTEMPTS_MAX} times."),
            })
        } else {
            let (org, site) = (&self.job.org, &self.job.site);
            let documents = SiteDocuments::of(self.env, self.db, org, site)?;
            let done = match step.kind {
                StepKind::Page => self.take_over(&documents, step).await,
                StepKind::Gone => remove(&documents, step).await,
            };
            match done {
                Ok(outcome) => outcome,
                Err(problem) => StepOutcome::Failed(page_fault(problem)?),
            }
        };
        let now = clock::now();
        self.steps().finish(step, &outcome, now).await
    }

    async fn take_over(
        &self,
        documents: &SiteDocuments<'_>,
        step: &ImportStepRow,
    ) -> Result<StepOutcome, Problem> {
        let read = page::read(self.env, &self.by(), &step.subject).await?;
        let fetched = FetchedPage {
            url: step.subject.clone(),
            sitemap: Some(self.import.sitemap.clone()),
            title: None,
            read,
        };
        let note = |outcome| self.steps().note_outcome(step, outcome).map(Some);
        let (_, outcome) = documents.import(&fetched, note).await?;
        Ok(StepOutcome::Imported(outcome))
    }

    fn by(&self) -> Actor {
        Actor::ApiKey(self.import.made_by.clone())
    }
}

async fn remove(
    documents: &SiteDocuments<'_>,
    step: &ImportStepRow,
) -> Result<StepOutcome, Problem> {
    match documents.remove(&step.subject).await {
        Ok(()) => Ok(StepOutcome::Removed),
        // The team was faster, or this importer before it died.
        Err(problem) if problem.code == Code::NotFound => Ok(StepOutcome::Removed),
        Err(problem) => Err(problem),
    }
}

/// What is wrong with a page, for whoever asked for it.
///
/// # Errors
/// A problem of ours, which waiting may mend.
fn page_fault(problem: Problem) -> Result<ImportFault, Problem> {
    match problem.code {
        Code::Internal | Code::Unavailable => Err(problem),
        code => Ok(ImportFault {
            code: code.name().to_owned(),
            detail: problem.detail,
        }),
    }
}
