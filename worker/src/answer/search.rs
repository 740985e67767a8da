//! What a site's documents have for a visitor's words: by the words themselves, and by what they mean, where the site has
//! an embedding model. Whatever such a model fails to do leaves the words' order.

use futures_util::future::join;
use oriel_shared::answer::embeddings::Vector;
use oriel_shared::answer::{Candidate, Question, SearchResults};
use worker::Env;

use super::embeddings::{self, Embedder};
use super::{AnswerRequest, Listener, log_failure};
use crate::http::problem::Problem;
use crate::knowledge;
use crate::store::Search;
use crate::store::passages::{self, VectorPrefixes};
use crate::store::sites::OwnedSite;

/// Passages for a visitor's words, best first, each with how sure it is that it answers. Most questions take one round
/// trip to the index; a second one is made when nothing good was found and a word may be mistyped.
pub async fn find(
    env: &Env,
    request: &AnswerRequest<'_>,
    text: &str,
) -> Result<SearchResults, Problem> {
    let answers = &request.owned.site.answers;
    let question = Question::parse(text, &answers.synonyms);
    if question.is_empty() {
        return Ok(SearchResults::new(question, Default::default(), Vec::new()));
    }
    let search = Search::open(env)?;
    let with_embeddings = request.site_with_embeddings();
    let vectors = with_embeddings.and_then(|_| embeddings::kind(&answers.embeddings));
    let find = async |question: &Question| {
        let site = &request.owned.site.id;
        passages::find(&search, site, question, vectors.as_deref()).await
    };
    let matches = find(&question).await?;
    let found = SearchResults::new(question, matches.corpus, matches.candidates);
    if found.is_quotable() {
        return Ok(found);
    }
    let Some(corrected) = found.question.corrected(&matches.near) else {
        return Ok(found);
    };
    let matches = find(&corrected).await?;
    Ok(SearchResults::new(
        corrected,
        matches.corpus,
        matches.candidates,
    ))
}

/// Passages for a question that only means something after the one before: "And on Sundays?". A model reads both; a
/// quotation would answer the wrong one.
pub async fn find_follow_up(
    env: &Env,
    request: &AnswerRequest<'_>,
    found: &SearchResults,
) -> Option<SearchResults> {
    if found.can_ground_model() || found.question.is_courtesy() {
        return None;
    }
    let before = request.history.iter().rfind(|turn| turn.is_visitor)?;
    let both = format!("{}\n{}", before.text, request.text);
    let wider = find(env, request, &both).await;
    wider.ok().filter(SearchResults::can_ground_model)
}

/// What was found by words, ranked by meaning too, with passages that are near in meaning.
pub async fn rank_with_embeddings(
    env: &Env,
    request: &AnswerRequest<'_>,
    found: SearchResults,
    listener: &impl Listener,
) -> SearchResults {
    let Some(owned) = request.site_with_embeddings() else {
        return found;
    };
    if !found.wants_embeddings() {
        return found;
    }
    let n_without = found.n_without_vector();
    if n_without > 0 {
        // They are still being made; or nobody has begun, as after an upgrade that cut documents again.
        knowledge::want_vectors(env, owned).await;
    }
    if n_without == found.ranked.len() {
        return found;
    }
    let prefixes = vector_prefixes(env, owned, &found);
    let embedded = embed_question(env, owned, request.text, listener);
    match join(embedded, prefixes).await {
        (Ok(Some(vector)), prefixes) if found.compares_with(&vector) => {
            let others = match prefixes {
                Ok(prefixes) => nearest(env, owned, &vector, &prefixes).await,
                Err(problem) => Err(problem),
            };
            let others = others.unwrap_or_else(|problem| {
                log_failure("nearest", &problem);
                Vec::new()
            });
            found.with_embeddings(&vector, others)
        }
        (Ok(Some(_)), _) => {
            rebuild_vectors(env, owned).await;
            found
        }
        (Ok(None), _) => found,
        (Err(problem), _) => {
            log_failure("embeddings", &problem);
            found
        }
    }
}

/// What the vectors of the site's passages begin with.
async fn vector_prefixes(
    env: &Env,
    owned: &OwnedSite,
    found: &SearchResults,
) -> Result<VectorPrefixes, Problem> {
    let kind = embeddings::kind(&owned.site.answers.embeddings).unwrap_or_default();
    let search = Search::open(env)?;
    passages::vector_prefixes(&search, &owned.site.id, &kind, found.corpus.passages).await
}

/// The passages that are nearest to a question in meaning, whatever their words are.
async fn nearest(
    env: &Env,
    owned: &OwnedSite,
    question: &Vector,
    prefixes: &VectorPrefixes,
) -> Result<Vec<Candidate>, Problem> {
    let kind = embeddings::kind(&owned.site.answers.embeddings).unwrap_or_default();
    let search = Search::open(env)?;
    passages::near_in_meaning(&search, &owned.site.id, &kind, question, prefixes).await
}

/// There is another model under that name now: what the one before said of the passages is of no use.
async fn rebuild_vectors(env: &Env, owned: &OwnedSite) {
    let deleted = match Search::open(env) {
        Ok(search) => passages::delete_vectors(&search, &owned.site.id).await,
        Err(problem) => Err(problem),
    };
    match deleted {
        Ok(()) => knowledge::want_vectors(env, owned).await,
        Err(problem) => log_failure("vectors", &problem),
    }
}

/// The vector of a question; `None` when the model did not make one.
async fn embed_question(
    env: &Env,
    owned: &OwnedSite,
    text: &str,
    listener: &impl Listener,
) -> Result<Option<Vector>, Problem> {
    let Some(embedder) = Embedder::of(env, owned).await? else {
        return Ok(None);
    };
    let Some(made) = embedder.question(text).await? else {
        return Ok(None);
    };
    listener.settle(owned.org.clone(), made.settlement);
    match made.outcome {
        Ok(vectors) => Ok(vectors.into_iter().next()),
        Err(error) => {
            let line =
                serde_json::json!({ "event": "embedding_failed", "cause": error.to_string() });
            worker::console_error!("{line}");
            Ok(None)
        }
    }
}
