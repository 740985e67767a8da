//! Who replies, and how: the site's own documents by their best passages ([`search`]), or a language model that words an
//! answer from the same passages ([`model_answer`]), where the site turned one on.
//!
//! The rules (terms, ranking, the bar below which it does not know, what a model may say) are `oriel_shared::answer` and
//! `oriel_shared::model`; this fetches what they need and words what happens when something does not answer. Where the
//! documents have next to nothing no model is called: it would have to make something up. Whatever a model fails to do,
//! the documents do.

pub mod embeddings;
mod model;
mod model_answer;
pub mod model_client;
mod search;
pub mod stop;
mod word_batches;

use oriel_shared::answer::{self, Reply};
use oriel_shared::i18n::Catalog;
use oriel_shared::id::OrgId;
use oriel_shared::model::output_filter::RejectedOutput;
use oriel_shared::model::prompt::Turn;
use oriel_shared::text::{markdown, phrase};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::visitor::{Offer, Source};
use worker::Env;

use crate::calls::Settlement;
use crate::http::problem::Problem;
use crate::store::messages::Body;
use crate::store::sites::OwnedSite;
use model::{ModelError, ModelOutcome};
use stop::StopSignal;

/// What the assistant answers.
pub struct AssistantAnswer {
    /// Plain text.
    pub text: String,
    /// Rich text, sources, offer.
    pub body: Body,
}

/// A visitor's message that wants an answer.
pub struct AnswerRequest<'a> {
    /// The site, and how it answers.
    pub owned: &'a OwnedSite,
    /// Whether models may be called. They may not while D1 is away, which knows their connections.
    pub has_models: bool,
    /// The words.
    pub text: &'a str,
    /// What was said before, oldest first, for the model.
    pub history: &'a [Turn],
    /// What the assistant says of its own accord, in the visitor's language.
    pub sentences: &'static Catalog,
}

impl<'a> AnswerRequest<'a> {
    /// The site, where a language model may word the answer.
    fn site_with_model(&self) -> Option<&'a OwnedSite> {
        let has_model = self.has_models && self.owned.site.model.provider != Provider::None;
        has_model.then_some(self.owned)
    }

    /// The site, where an embedding model may help to find passages.
    fn site_with_embeddings(&self) -> Option<&'a OwnedSite> {
        let has_model = self.has_models && !self.owned.site.answers.embeddings.is_off();
        has_model.then_some(self.owned)
    }
}

/// Whoever waits for an answer.
pub trait Listener {
    /// The next words of it are there.
    fn on_words(&self, words: String);
    /// Counts a call of a model for this answer. Returns whether it may be made.
    ///
    /// # Errors
    /// A [`Problem`] of ours: then it may not.
    fn count_call(&self) -> Result<bool, Problem>;
    /// Enters what a call used. Nobody waits for that; a call that is not entered counts as spent in full.
    fn settle(&self, org: OrgId, settlement: Settlement);
    /// Stops the answer from outside.
    fn stop_signal(&self) -> &StopSignal;
}

/// Answers a visitor's message. There is an answer unless it was stopped from outside: an index that does not answer
/// makes an honest sentence, not an error, and is logged.
pub async fn reply(
    env: &Env,
    request: &AnswerRequest<'_>,
    listener: &impl Listener,
) -> Option<AssistantAnswer> {
    let (sentences, answers) = (request.sentences, &request.owned.site.answers);
    if phrase::any_in(&answers.refuse, request.text) {
        let refusal = match answers.refusal.as_str() {
            "" => sentences.refusal,
            chosen => chosen,
        };
        return Some(sentence(refusal, None));
    }
    let found = match search::find(env, request, request.text).await {
        Ok(found) => search::rank_with_embeddings(env, request, found, listener).await,
        Err(problem) => {
            log_failure("search", &problem);
            return Some(sentence(sentences.unavailable, Some(Offer::Person)));
        }
    };
    if let Some(owned) = request.site_with_model() {
        let wider = search::find_follow_up(env, request, &found).await;
        let ground = wider.as_ref().unwrap_or(&found);
        match model_answer::ask(env, request, owned, ground, listener).await {
            ModelOutcome::Answer(answer) => {
                return Some(AssistantAnswer {
                    text: answer.text,
                    body: body(answer.blocks, answer.sources, None),
                });
            }
            ModelOutcome::Stopped => return None,
            ModelOutcome::Nothing(ModelError::Rejected(RejectedOutput::NoAnswer)) => {
                return Some(from_reply(answer::unknown(sentences)));
            }
            ModelOutcome::Nothing(_) => {}
        }
    }
    let reply = answer::reply(&found, sentences);
    if phrase::any_in(&answers.withhold, &reply.text) {
        return Some(from_reply(answer::unknown(sentences)));
    }
    Some(from_reply(reply))
}

fn from_reply(reply: Reply) -> AssistantAnswer {
    let Reply {
        kind: _,
        text,
        blocks,
        sources,
        offer,
    } = reply;
    AssistantAnswer {
        text,
        body: body(blocks, sources, offer),
    }
}

fn sentence(text: &str, offer: Option<Offer>) -> AssistantAnswer {
    AssistantAnswer {
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
fn log_failure(doing: &str, problem: &Problem) {
    let line =
        serde_json::json!({"event": "answer_failed", "doing": doing, "cause": problem.cause()});
    worker::console_error!("{line}");
}
