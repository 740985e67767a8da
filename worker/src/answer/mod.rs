//! Who replies, and how: the site's own documents by their best passages, or a language model that words an answer from
//! the same passages, where the site turned one on.
//!
//! The rules (terms, ranking, the bar below which it does not know, what a model may say) are `oriel_shared::answer` and
//! `oriel_shared::model`; this fetches what they need and words what happens when something does not answer. Where
//! the documents have next to nothing no model is asked: it would have to make something up. Whatever a model fails to do, the documents do.

pub mod embeddings;
pub mod model;
pub mod model_client;

use futures_util::future::join;
use oriel_shared::answer::embeddings::Vector;
use oriel_shared::answer::{self, Candidate, Question, Reply, SearchResults};
use oriel_shared::event::{Action, Actor, Event, Outcome, Reason};
use oriel_shared::i18n::Catalog;
use oriel_shared::id::{OrgId, SiteId, UsageId};
use oriel_shared::model::links::LinkPolicy;
use oriel_shared::model::output_filter::{RejectedOutput, Rules};
use oriel_shared::model::prompt::{self, Key, Prompt, Turn};
use oriel_shared::model::tokens::{Prices, Tokens, estimate_message};
use oriel_shared::text::{markdown, phrase};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::site::{Answers, Provider};
use oriel_shared::wire::visitor::{Offer, Source};
use worker::Env;

use crate::calls::{self, ModelBudgetCall, ModelBudgetReply, Reservation, Settlement};
use crate::http::problem::Problem;
use crate::store::Search;
use crate::store::messages::Body;
use crate::store::passages::{self, VectorPrefixes};
use crate::store::sites::OwnedSite;
use crate::{clock, events, knowledge};
use embeddings::Embedder;
use model::{ModelError, ModelOutcome, Switch};
use model_client::ModelClient;

/// What the assistant says.
pub struct Said {
    /// Plain text.
    pub text: String,
    /// Rich text, sources, offer.
    pub body: Body,
}

/// A visitor's message that wants an answer.
pub struct Asked<'a> {
    /// Where it was said.
    pub site: &'a SiteId,
    /// The words.
    pub text: &'a str,
    /// How the site answers.
    pub answers: &'a Answers,
    /// The site; `None` while the database is away: then no model is asked.
    pub owned: Option<&'a OwnedSite>,
    /// What was said before, oldest first, for the model.
    pub history: &'a [Turn],
    /// What the assistant says of its own accord, in the visitor's language.
    pub sentences: &'static Catalog,
}

/// Whoever waits for an answer.
pub trait Listener {
    /// The next words of it are there.
    fn on_words(&self, words: String);
    /// Counts a call of a model for this answer. Tells whether it may be made.
    ///
    /// # Errors
    /// A [`Problem`] of ours: then it may not.
    fn count_call(&self) -> Result<bool, Problem>;
    /// Enters what a call used. Nobody waits for that; a call that is not entered counts as spent in full.
    fn settle(&self, org: OrgId, settled: Settlement);
    /// Ends the answer from outside.
    fn switch(&self) -> &Switch;
}

/// Answers a visitor's message. Always says something, unless it was ended from outside: an index that does not answer
/// makes an honest sentence, not an error, and is logged.
pub async fn reply(env: &Env, asked: &Asked<'_>, listener: &impl Listener) -> Option<Said> {
    let sentences = asked.sentences;
    if phrase::any_in(&asked.answers.refuse, asked.text) {
        let refusal = match asked.answers.refusal.as_str() {
            "" => sentences.refusal,
            chosen => chosen,
        };
        return Some(sentence(refusal, None));
    }
    let found = match look_up(env, asked, asked.text).await {
        Ok(found) => by_meaning(env, asked, found, listener).await,
        Err(problem) => {
            note("answer", &problem);
            return Some(sentence(sentences.unavailable, Some(Offer::Person)));
        }
    };
    if let Some(owned) = asked.owned.filter(|owned| has_model(owned)) {
        let wider = follow_up(env, asked, &found).await;
        let ground = wider.as_ref().unwrap_or(&found);
        match ask_model(env, asked, owned, ground, listener).await {
            ModelOutcome::Answer(answer) => {
                return Some(Said {
                    text: answer.text,
                    body: body(answer.blocks, answer.sources, None),
                });
            }
            ModelOutcome::Ended => return None,
            ModelOutcome::Nothing(ModelError::Rejected(RejectedOutput::NoAnswer)) => {
                return Some(said(answer::unknown(sentences)));
            }
            ModelOutcome::Nothing(_) => {}
        }
    }
    let reply = answer::reply(&found, sentences);
    if phrase::any_in(&asked.answers.withhold, &reply.text) {
        return Some(said(answer::unknown(sentences)));
    }
    Some(said(reply))
}

/// What the site's documents have for a visitor's words: passages, best first, each with how sure it is that it answers.
/// Most questions take one round trip to the index; a second one is made when nothing good was found and a word may be
/// mistyped.
async fn look_up(env: &Env, asked: &Asked<'_>, text: &str) -> Result<SearchResults, Problem> {
    let question = Question::parse(text, &asked.answers.synonyms);
    if question.is_empty() {
        return Ok(SearchResults::new(question, Default::default(), Vec::new()));
    }
    let search = Search::open(env)?;
    let vectors = asked.owned.and_then(|owned| {
        let setting = &owned.site.answers.embeddings;
        embeddings::kind(setting)
    });
    let find = async |question: &Question| {
        passages::find(&search, asked.site, question, vectors.as_deref()).await
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

/// The same by meaning too, where the site has an embedding model. Whatever fails leaves the words' order.
async fn by_meaning(
    env: &Env,
    asked: &Asked<'_>,
    found: SearchResults,
    listener: &impl Listener,
) -> SearchResults {
    let has_one = |owned: &&OwnedSite| !owned.site.answers.embeddings.is_off();
    let Some(owned) = asked.owned.filter(has_one) else {
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
    match join(ask_meaning(env, owned, asked.text, listener), prefixes).await {
        (Ok(Some(vector)), prefixes) if found.compares_with(&vector) => {
            let others = match prefixes {
                Ok(prefixes) => near_in_meaning(env, owned, &vector, &prefixes).await,
                Err(problem) => Err(problem),
            };
            let others = others.unwrap_or_else(|problem| {
                note("meaning", &problem);
                Vec::new()
            });
            found.with_embeddings(&vector, others)
        }
        (Ok(Some(_)), _) => {
            remake(env, owned).await;
            found
        }
        (Ok(None), _) => found,
        (Err(problem), _) => {
            note("meaning", &problem);
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

/// The passages that are nearest to a question, whatever their words are.
async fn near_in_meaning(
    env: &Env,
    owned: &OwnedSite,
    question: &Vector,
    prefixes: &VectorPrefixes,
) -> Result<Vec<Candidate>, Problem> {
    let kind = embeddings::kind(&owned.site.answers.embeddings).unwrap_or_default();
    let search = Search::open(env)?;
    passages::near_in_meaning(&search, &owned.site.id, &kind, question, prefixes).await
}

/// Under the same name there is another model now: what the one before said of the passages is of no use.
async fn remake(env: &Env, owned: &OwnedSite) {
    let forgotten = match Search::open(env) {
        Ok(search) => passages::forget_vectors(&search, &owned.site.id).await,
        Err(problem) => Err(problem),
    };
    match forgotten {
        Ok(()) => knowledge::want_vectors(env, owned).await,
        Err(problem) => note("vectors", &problem),
    }
}

/// What a question means; `None` when the model did not say it.
async fn ask_meaning(
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
        Err(why) => {
            let line = serde_json::json!({ "event": "embedding_failed", "cause": why.to_string() });
            worker::console_error!("{line}");
            Ok(None)
        }
    }
}

fn has_model(owned: &OwnedSite) -> bool {
    owned.site.model.provider != Provider::None
}

/// What the documents have for a question that only means something after the one before: "And on Sundays?". A model
/// reads both; a quotation would answer the wrong one.
async fn follow_up(env: &Env, asked: &Asked<'_>, found: &SearchResults) -> Option<SearchResults> {
    if found.can_ground_model() || found.question.is_courtesy() {
        return None;
    }
    let before = asked.history.iter().rfind(|turn| turn.is_visitor)?;
    let both = format!("{}\n{}", before.text, asked.text);
    let wider = look_up(env, asked, &both).await;
    wider.ok().filter(SearchResults::can_ground_model)
}

/// Asks the site's model, when there is something that it could answer from.
async fn ask_model(
    env: &Env,
    asked: &Asked<'_>,
    owned: &OwnedSite,
    found: &SearchResults,
    listener: &impl Listener,
) -> ModelOutcome {
    let nothing = ModelOutcome::Nothing(ModelError::Rejected(RejectedOutput::Ungrounded));
    if found.question.is_courtesy() || found.question.is_empty() {
        return nothing;
    }
    if !found.can_ground_model() {
        return nothing;
    }
    let (way, key, id) = match prepare(env, owned, listener).await {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return nothing,
        Err(problem) => {
            note("model", &problem);
            return nothing;
        }
    };
    let ranked = found.ranked.iter();
    let candidates: Vec<Candidate> = ranked.map(|ranked| ranked.candidate.clone()).collect();
    let given = candidates
        .get(..prompt::n_passages(&candidates))
        .unwrap_or_default();
    let model = &owned.site.model;
    let messages = Prompt {
        key: &key,
        site: &owned.site.name,
        instructions: &model.instructions,
        passages: given,
        history: asked.history,
        history_tokens: model.history_tokens,
        question: asked.text,
        language: asked.sentences.language,
    }
    .messages();
    let sources: Vec<Source> = given.iter().map(answer::source).collect();
    let addresses = given.iter().filter_map(|passage| passage.url.as_deref());
    let links = LinkPolicy::new(&asked.answers.link_hosts, addresses).in_language(asked.sentences);
    let sent = messages
        .iter()
        .map(|message| estimate_message(&message.content));
    let worst = Tokens {
        input: sent.sum(),
        output: model.max_output_tokens,
    };
    let prices = Prices {
        input: model.input_price,
        output: model.output_price,
    };
    if !reserve(env, owned, &id, worst, prices.cost(worst)).await {
        return nothing;
    }
    let rules = Rules::new(&asked.answers.withhold, key.as_str(), links, &sources);
    let rules = match way.secret() {
        Some(secret) => rules.with_secret(secret),
        None => rules,
    };
    let question = model::Question {
        way,
        model,
        messages,
        input_tokens: worst.input,
        rules,
    };
    let show = |words| listener.on_words(words);
    let exchange = model::ask(env, question, listener.switch(), &show).await;
    let settled = Settlement {
        id,
        tokens: exchange.tokens,
        cost: prices.cost(exchange.tokens),
        outcome: exchange.outcome,
    };
    listener.settle(owned.org.clone(), settled);
    note_failure(&owned.site.id, &exchange.came);
    exchange.came
}

/// What one more call for an answer needs, when it may be made: a way to the model, a key and a name of its own.
async fn prepare(
    env: &Env,
    owned: &OwnedSite,
    listener: &impl Listener,
) -> Result<Option<(ModelClient, Key, UsageId)>, Problem> {
    let Some(way) = ModelClient::to_model_of(env, owned).await? else {
        return Ok(None);
    };
    if !listener.count_call()? {
        return Ok(None);
    }
    let key = Key::from_random(clock::random()?);
    Ok(Some((way, key, UsageId::from_random(clock::random()?))))
}

/// Reserves the worst that a call may use. A model budget that does not answer lets none be made.
async fn reserve(env: &Env, owned: &OwnedSite, id: &UsageId, worst: Tokens, cost: u64) -> bool {
    let model = &owned.site.model;
    let reservation = ModelBudgetCall::Reserve(Reservation {
        id: id.clone(),
        org: owned.org.clone(),
        site: owned.site.id.clone(),
        provider: model.provider,
        model: model.name.clone(),
        tokens: worst,
        cost,
        time_ms: u64::from(model.timeout_s) * 1_000,
    });
    match calls::model_budget(env, &owned.org, &reservation).await {
        Ok(reply) => matches!(reply, ModelBudgetReply::Done),
        Err(problem) => {
            note("model_budget", &problem);
            false
        }
    }
}

/// Logs a model that did not do what was asked of it; a leak is a line of the security log.
fn note_failure(site: &SiteId, came: &ModelOutcome) {
    let ModelOutcome::Nothing(why) = came else {
        return;
    };
    if let ModelError::Rejected(rejected @ (RejectedOutput::Canary | RejectedOutput::Withheld)) =
        why
    {
        events::write(&Event {
            at: clock::now().rfc3339(),
            action: Action::AnswerWithhold,
            outcome: Outcome::Refused,
            reason: Some(Reason(rejected.name())),
            actor: &Actor::Site(site.clone()),
            address: None,
            request_id: None,
        });
    } else {
        let line = serde_json::json!({ "event": "model_failed", "cause": why.to_string() });
        worker::console_error!("{line}");
    }
}

fn said(reply: Reply) -> Said {
    let Reply {
        text,
        blocks,
        sources,
        offer,
        ..
    } = reply;
    Said {
        text,
        body: body(blocks, sources, offer),
    }
}

fn sentence(text: &str, offer: Option<Offer>) -> Said {
    Said {
        text: text.to_owned(),
        body: body(vec![markdown::paragraph(text)], Vec::new(), offer),
    }
}

fn body(blocks: Vec<Block>, sources: Vec<Source>, offer: Option<Offer>) -> Body {
    Body {
        blocks,
        sources,
        offer,
        ..Body::default()
    }
}

/// Logs a failure of ours, once, where it is handled.
fn note(doing: &str, problem: &Problem) {
    let line =
        serde_json::json!({"event": "answer_failed", "doing": doing, "cause": problem.cause()});
    worker::console_error!("{line}");
}
