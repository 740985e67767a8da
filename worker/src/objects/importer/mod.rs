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

mod pages;
mod vectors;

use futures_util::future::join_all;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::job;
use crate::clock;
use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::imports::{self, ImportJob};

use pages::PageImport;

/// Pages that are asked for at the same time: a guest that a small shop's server does not notice.
const AT_ONCE: usize = 2;
/// When a part of ours does not answer.
const RETRY_MS: u64 = 5_000;

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
        super::answer(job::begin(&self.state, &job).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        job::end_alarm(&self.state, "import", self.run().await, RETRY_MS).await
    }
}

impl Importer {
    /// Does a little of the site's import. Returns how long to wait before the rest, if there is any.
    async fn run(&self) -> Result<Option<u64>, Problem> {
        let Some(job) = job::stored::<ImportJob>(&self.state).await? else {
            return Ok(None);
        };
        let db = Db::open(&self.env)?;
        let Some(import) = imports::running(&db, &job).await? else {
            return vectors::make(&self.state, &self.env, &job).await;
        };
        let pages = PageImport {
            env: &self.env,
            db: &db,
            job: &job,
            import: &import,
        };
        if import.found.is_none() {
            pages.plan().await?;
            return Ok(Some(0));
        }
        let steps = pages.steps().begin(AT_ONCE).await?;
        if steps.is_empty() {
            imports::end(&db, &job, &import.id, None, clock::now()).await?;
            return Ok(Some(0));
        }
        for outcome in join_all(steps.iter().map(|step| pages.run_step(step))).await {
            if let Err(problem) = outcome {
                pages.steps().reset_attempts().await?;
                return Err(problem);
            }
        }
        Ok(Some(0))
    }
}
