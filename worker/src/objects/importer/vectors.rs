//! Vectors of a site's passages, some at a time, from its embedding model.

use oriel_shared::answer::embeddings::passage_text;
use oriel_shared::id::UnixMs;
use serde::{Deserialize, Serialize};
use worker::{Env, State};

use crate::answer::embeddings::{self, Embedder};
use crate::calls::{self, ModelBudgetCall};
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::log_failure;
use crate::store::imports::ImportJob;
use crate::store::passages::{self, Unembedded};
use crate::store::{Db, Search, sites};

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

impl Pause {
    /// Passages of the next call.
    fn n_passages(&self) -> u64 {
        match self.n_failed {
            0 => PASSAGES_AT_ONCE,
            _ => 1,
        }
    }

    /// A call failed. Returns how long to wait for the next one.
    fn on_failure(&mut self, now: UnixMs) -> u64 {
        let wait_ms = (PAUSE_MS << self.n_failed.min(16)).min(PAUSE_MAX_MS);
        self.n_failed = self.n_failed.saturating_add(1);
        self.until = now.plus(wait_ms);
        wait_ms
    }
}

/// Has vectors made of some passages that have none. Returns how long to wait before the next ones, if there are any.
///
/// # Errors
/// When D1 or the index does not answer. A model that fails is no error: it is waited for.
pub async fn make(state: &State, env: &Env, job: &ImportJob) -> Result<Option<u64>, Problem> {
    let storage = state.storage();
    let search = Search::open(env)?;
    let db = Db::open(env)?;
    let Some(owned) = sites::find(&db, &job.org, job.site.as_str()).await? else {
        return Ok(None);
    };
    let Some(kind) = embeddings::kind(&owned.site.answers.embeddings) else {
        passages::delete_vectors(&search, &job.site).await?;
        storage.delete(PAUSE).await?;
        return Ok(None);
    };
    let mut pause: Pause = storage.get(PAUSE).await?.unwrap_or_default();
    let now = clock::now();
    if pause.until > now {
        return Ok(Some(pause.until.0 - now.0));
    }
    let limit = pause.n_passages();
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
    let Some(embedder) = Embedder::of(env, &owned).await? else {
        return Ok(None);
    };
    let wait_ms = if save(&search, &embedder, &waiting).await? {
        pause.n_failed = 0;
        0
    } else {
        pause.on_failure(clock::now())
    };
    storage.put(PAUSE, pause).await?;
    Ok(Some(wait_ms))
}

/// Has vectors made of passages and saves them. Returns whether any was; why not is logged here.
async fn save(
    search: &Search,
    embedder: &Embedder<'_>,
    waiting: &[Unembedded],
) -> Result<bool, Problem> {
    let text = |it: &Unembedded| passage_text(&it.title, &it.heading, &it.body);
    let texts: Vec<String> = waiting.iter().map(text).collect();
    let Some(made) = embedder.passages(&texts).await? else {
        log_cause("there is no budget for it");
        return Ok(false);
    };
    let settle = ModelBudgetCall::Settle(made.settlement);
    if let Err(problem) = calls::model_budget(embedder.env, &embedder.owned.org, &settle).await {
        log_failure("settle", &problem);
    }
    let vectors = match made.outcome {
        Ok(vectors) => vectors,
        Err(error) => {
            log_cause(&error.to_string());
            return Ok(false);
        }
    };
    let n_saved = passages::save_vectors(
        search,
        &embedder.owned.site.id,
        &embedder.kind(),
        waiting,
        &vectors,
    )
    .await?;
    if n_saved == 0 {
        // Edited meanwhile, most likely; but nobody pays for the same vectors again and again.
        log_cause("no passage took its vector");
    }
    Ok(n_saved > 0)
}

fn log_cause(cause: &str) {
    let line = serde_json::json!({ "event": "embedding_failed", "cause": cause });
    worker::console_error!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_fails_is_tried_ever_more_rarely_and_with_one_passage_at_a_time() {
        let mut pause = Pause::default();
        assert_eq!(pause.n_passages(), PASSAGES_AT_ONCE);
        let now = UnixMs(1_000);
        assert_eq!(pause.on_failure(now), PAUSE_MS);
        assert_eq!(pause.until, now.plus(PAUSE_MS));
        assert_eq!(pause.n_passages(), 1);
        assert_eq!(pause.on_failure(now), 2 * PAUSE_MS);
        for _ in 0..100 {
            pause.on_failure(now);
        }
        assert_eq!(pause.on_failure(now), PAUSE_MAX_MS);
    }
}
