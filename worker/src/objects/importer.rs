//! A site's importer: reads a sitemap and takes its pages over, two at a time; and, on sites with an embedding model, has
//! vectors of passages made when no import is under way.
//!
//! Keeps true: D1 is the truth and this object only a clock (`store/imports.rs`). Each alarm does a little and calls the
//! next one, so that no alarm comes near what the platform allows. An importer that dies begins the same steps again:
//! taking a page over again is a diff, and its outcome was written with its document. A step that kills whoever begins it
//! is given up after a few times. What wakes it: whoever asked for the import, its own alarm, and a job every minute; for
//! vectors whoever saved a document or the setting, and a question that finds passages without. A model that fails delays
//! vectors and nothing else.

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

use futures_util::future::join_all;
use oriel_shared::answer::embeddings::passage_text;
use oriel_shared::event::Actor;
use oriel_shared::id::UnixMs;
use oriel_shared::sitemap::{ImportPlan, SITEMAPS_MAX, Sitemap, SitemapError, entry};
use oriel_shared::wire::admin::ImportFault;
use oriel_shared::wire::problem::Code;
use serde::{Deserialize, Serialize};
use worker::{DurableObject, Env, Request, Response, State, Url, durable_object};

use super::job;
use crate::answer::embeddings::{self, Embedder};
use crate::calls::{self, ModelBudgetCall};
use crate::clock;
use crate::http::problem::Problem;
use crate::knowledge::{Fetched, SiteDocuments, page};
use crate::store::imports::{self, ImportJob, Running, Settled, Step, StepKind};
use crate::store::passages::{self, Unembedded};
use crate::store::{Db, Search, sites};

/// Pages that are asked for at the same time: a guest that a small shop's server does not notice.
const AT_ONCE: usize = 2;
/// Times that a step may be begun. A restart or a deployment is no fault of a page; five in a row are.
const ATTEMPTS_MAX: u32 = 5;
/// When a part of ours does not answer.
const RETRY_MS: u64 = 5_000;
/// Key of [`Pause`] in the object's storage.
const PAUSE: &str = "pause";
/// Passages of one call: vectors of the largest models fit into what is read of an answer.
const PASSAGES_AT_ONCE: u64 = 10;
/// After a call that failed; doubled with each that follows.
const PAUSE_MS: u64 = 5_000;
/// No longer than this.
const PAUSE_MAX_MS: u64 = 600_000;

/// What a model that failed leaves behind.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Pause {
    /// No call before this.
    until: UnixMs,
    /// Calls in a row that failed. Meanwhile passages go one at a time: one that the model refuses costs the others nothing.
    n_failed: u32,
    /// The last passage that was tried: the next ones are, until all were.
    after: u64,
}

/// One site's importer.
#[durable_object]
pub struct Importer {
    state: State,
    env: Env,
}

impl DurableObject for Importer {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let job: ImportJob = request.json().await?;
        super::answer(job::take(&self.state, &job).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        job::go_on(&self.state, "import", self.run().await, RETRY_MS).await
    }
}

impl Importer {
    /// Does a little of the site's import. Tells how long to wait before the rest, if there is any.
    async fn run(&self) -> Result<Option<u64>, Problem> {
        let Some(job) = job::kept::<ImportJob>(&self.state).await? else {
            return Ok(None);
        };
        let db = Db::open(&self.env)?;
        let Some(import) = imports::running(&db, &job).await? else {
            return self.embed(&db, &job).await;
        };
        if import.found.is_none() {
            self.plan(&db, &job, &import).await?;
            return Ok(Some(0));
        }
        let steps = imports::begin(&db, &job, &import.id, AT_ONCE).await?;
        if steps.is_empty() {
            imports::end(&db, &job, &import.id, None, clock::now()).await?;
            return Ok(Some(0));
        }
        let step = |step| self.step(&db, &job, &import, step);
        for outcome in join_all(steps.iter().map(step)).await {
            if let Err(problem) = outcome {
                imports::unbegin(&db, &job, &import.id).await?;
                return Err(problem);
            }
        }
        Ok(Some(0))
    }

    /// Has vectors made of some passages that have none. Tells how long to wait before the next ones, if there are any.
    async fn embed(&self, db: &Db, job: &ImportJob) -> Result<Option<u64>, Problem> {
        let storage = self.state.storage();
        let search = Search::open(&self.env)?;
        let owned = sites::find(db, &job.org, job.site.as_str()).await?;
        let Some(owned) = owned else {
            return Ok(None);
        };
        let Some(kind) = embeddings::kind(&owned.site.answers.embeddings) else {
            passages::forget_vectors(&search, &job.site).await?;
            storage.delete(PAUSE).await?;
            return Ok(None);
        };
        let mut pause: Pause = storage.get(PAUSE).await?.unwrap_or_default();
        let now = clock::now();
        if pause.until > now {
            return Ok(Some(pause.until.0 - now.0));
        }
        let limit = if pause.n_failed > 0 {
            1
        } else {
            PASSAGES_AT_ONCE
        };
        let waiting = passages::unembedded(&search, &job.site, &kind, pause.after, limit).await?;
        let Some(last) = waiting.last() else {
            if pause.after == 0 {
                storage.delete(PAUSE).await?;
                return Ok(None);
            }
            pause.after = 0;
            storage.put(PAUSE, pause).await?;
            return Ok(Some(0));
        };
        pause.after = last.id;
        let Some(embedder) = Embedder::of(&self.env, &owned).await? else {
            return Ok(None);
        };
        let text = |it: &Unembedded| passage_text(&it.title, &it.heading, &it.body);
        let texts: Vec<String> = waiting.iter().map(text).collect();
        let made = embedder.passages(&texts).await?;
        let vectors = match made {
            Some(made) => {
                let settle = ModelBudgetCall::Settle(made.settlement);
                if let Err(problem) = calls::model_budget(&self.env, &job.org, &settle).await {
                    super::log_failure("settle", &problem);
                }
                made.outcome.map_err(|why| why.to_string())
            }
            None => Err("there is no budget for it".to_owned()),
        };
        let kept = match vectors {
            Ok(vectors) => {
                let kept =
                    passages::keep_vectors(&search, &job.site, &kind, &waiting, &vectors).await?;
                // Edited meanwhile, most likely; but nobody pays for the same vectors again and again.
                let none = || "no passage took its vector".to_owned();
                (kept > 0).then_some(()).ok_or_else(none)
            }
            Err(cause) => Err(cause),
        };
        match kept {
            Ok(()) => {
                pause.n_failed = 0;
                storage.put(PAUSE, pause).await?;
                Ok(Some(0))
            }
            Err(cause) => {
                let line = serde_json::json!({ "event": "embedding_failed", "cause": cause });
                worker::console_error!("{line}");
                let wait = PAUSE_MS << pause.n_failed.min(16);
                let wait = wait.min(PAUSE_MAX_MS);
                pause.n_failed = pause.n_failed.saturating_add(1);
                pause.until = clock::now().plus(wait);
                storage.put(PAUSE, pause).await?;
                Ok(Some(wait))
            }
        }
    }

    /// Reads the sitemap and writes down what is to be done.
    async fn plan(&self, db: &Db, job: &ImportJob, import: &Running) -> Result<(), Problem> {
        let plan = match self.read(import).await {
            Ok(plan) => plan,
            Err(problem) => {
                let fault = theirs(problem)?;
                return imports::end(db, job, &import.id, Some(&fault), clock::now()).await;
            }
        };
        let gone: Vec<_> = imports::of_sitemap(db, job, &import.sitemap)
            .await?
            .into_iter()
            .filter(|listed| plan.is_gone(&listed.source))
            .map(|listed| listed.id)
            .collect();
        imports::plan(db, job, &import.id, &plan, &gone, clock::now()).await
    }

    /// Reads the sitemap, and those that it leads to when it is an index.
    async fn read(&self, import: &Running) -> Result<ImportPlan, Problem> {
        let by = Actor::ApiKey(import.made_by.clone());
        let (url, sitemap) = page::sitemap(&self.env, &by, &import.sitemap).await?;
        let mut plan = ImportPlan::new();
        match sitemap {
            Sitemap::Pages(entries) => plan.add(&url, &entries),
            Sitemap::Sitemaps(entries) => {
                for (at, text) in entries.iter().enumerate() {
                    let read = if at < SITEMAPS_MAX {
                        self.read_below(&by, &url, text).await?
                    } else {
                        Err(SitemapError::TooManySitemaps)
                    };
                    match read {
                        Ok((url, entries)) => plan.add(&url, &entries),
                        Err(fault) => plan.skip_sitemap(text, fault),
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

    /// A sitemap that an index leads to: its entries, or why it is left out.
    async fn read_below(
        &self,
        by: &Actor,
        index: &Url,
        text: &str,
    ) -> Result<Result<(Url, Vec<String>), SitemapError>, Problem> {
        let url = match entry(index, text) {
            Ok(url) => url,
            Err((_, fault)) => return Ok(Err(fault)),
        };
        match page::sitemap(&self.env, by, url.as_str()).await {
            Ok((url, Sitemap::Pages(entries))) => Ok(Ok((url, entries))),
            Ok((_, Sitemap::Sitemaps(_))) => Ok(Err(SitemapError::TooManySitemaps)),
            Err(problem) => theirs(problem).map(|_| Err(SitemapError::Unreadable)),
        }
    }

    /// Does one step and writes down what came of it.
    async fn step(
        &self,
        db: &Db,
        job: &ImportJob,
        import: &Running,
        step: &Step,
    ) -> Result<(), Problem> {
        let settled = if step.attempts > ATTEMPTS_MAX {
            Settled::Failed(ImportFault {
                code: Code::Internal.name().to_owned(),
                detail: format!("`url` was given up after {ATTEMPTS_MAX} times."),
            })
        } else {
            let documents = SiteDocuments::of(&self.env, db, &job.org, &job.site)?;
            let done = match step.kind {
                StepKind::Page => self.take_over(&documents, db, job, import, step).await,
                StepKind::Gone => remove(&documents, step).await,
            };
            match done {
                Ok(settled) => settled,
                Err(problem) => Settled::Failed(theirs(problem)?),
            }
        };
        imports::settle(db, job, &import.id, step, &settled, clock::now()).await
    }

    async fn take_over(
        &self,
        documents: &SiteDocuments<'_>,
        db: &Db,
        job: &ImportJob,
        import: &Running,
        step: &Step,
    ) -> Result<Settled, Problem> {
        let by = Actor::ApiKey(import.made_by.clone());
        let read = page::read(&self.env, &by, &step.subject).await?;
        let fetched = Fetched {
            url: step.subject.clone(),
            sitemap: Some(import.sitemap.clone()),
            title: None,
            read,
        };
        let note = |outcome| imports::note(db, job, &import.id, step, outcome).map(Some);
        let (_, outcome) = documents.take(fetched, note).await?;
        Ok(Settled::Taken(outcome))
    }
}

async fn remove(documents: &SiteDocuments<'_>, step: &Step) -> Result<Settled, Problem> {
    match documents.remove(&step.subject).await {
        Ok(()) => Ok(Settled::Removed),
        // The team was faster, or this importer before it died.
        Err(problem) if problem.code == Code::NotFound => Ok(Settled::Removed),
        Err(problem) => Err(problem),
    }
}

/// What is wrong with a page, for whoever asked for it.
///
/// # Errors
/// A problem of ours, which waiting may mend.
fn theirs(problem: Problem) -> Result<ImportFault, Problem> {
    match problem.code {
        Code::Internal | Code::Unavailable => Err(problem),
        code => Ok(ImportFault {
            code: code.name().to_owned(),
            detail: problem.detail,
        }),
    }
}
