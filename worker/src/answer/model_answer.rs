//! An answer that a site's language model words from passages: prompted, reserved in the budget, called, settled.

use oriel_shared::answer::{Candidate, SearchResults, source};
use oriel_shared::event::{Action, Actor, Event, Outcome, Reason};
use oriel_shared::id::{SiteId, UsageId};
use oriel_shared::model::links::LinkPolicy;
use oriel_shared::model::output_filter::{RejectedOutput, Rules};
use oriel_shared::model::prompt::{self, Key, Prompt};
use oriel_shared::model::tokens::{Prices, Tokens, estimate_message};
use oriel_shared::wire::visitor::Source;
use worker::Env;

use super::model::{self, ModelCall, ModelError, ModelOutcome};
use super::model_client::ModelClient;
use super::{AnswerRequest, Listener, log_failure};
use crate::calls::{self, ModelBudgetCall, ModelBudgetReply, Reservation, Settlement};
use crate::http::problem::Problem;
use crate::store::sites::OwnedSite;
use crate::{clock, events};

/// Calls the site's model, when there is something that it could answer from.
pub async fn ask(
    env: &Env,
    request: &AnswerRequest<'_>,
    owned: &OwnedSite,
    found: &SearchResults,
    listener: &impl Listener,
) -> ModelOutcome {
    let nothing = ModelOutcome::Nothing(ModelError::Rejected(RejectedOutput::Ungrounded));
    let question = &found.question;
    if question.is_courtesy() || question.is_empty() || !found.can_ground_model() {
        return nothing;
    }
    let (client, key, id) = match prepare(env, owned, listener).await {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return nothing,
        Err(problem) => {
            log_failure("model", &problem);
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
        history: request.history,
        history_tokens: model.history_tokens,
        question: request.text,
        language: request.sentences.language,
    }
    .messages();
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
    let call = ModelCall {
        rules: rules(request, &key, given, &client),
        client,
        model,
        messages,
        input_tokens: worst.input,
    };
    let show = |words| listener.on_words(words);
    let finished = model::call(env, call, listener.stop_signal(), &show).await;
    let settlement = Settlement {
        id,
        tokens: finished.tokens,
        cost: prices.cost(finished.tokens),
        outcome: finished.label,
    };
    listener.settle(owned.org.clone(), settlement);
    log_error(&owned.site.id, &finished.outcome);
    finished.outcome
}

/// What one more call for an answer needs, when it may be made: a client, a key and an id of its own.
async fn prepare(
    env: &Env,
    owned: &OwnedSite,
    listener: &impl Listener,
) -> Result<Option<(ModelClient, Key, UsageId)>, Problem> {
    let Some(client) = ModelClient::for_language_model(env, owned).await? else {
        return Ok(None);
    };
    if !listener.count_call()? {
        return Ok(None);
    }
    let key = Key::from_random(clock::random()?);
    Ok(Some((client, key, UsageId::from_random(clock::random()?))))
}

/// What the model may say.
fn rules(
    request: &AnswerRequest<'_>,
    key: &Key,
    given: &[Candidate],
    client: &ModelClient,
) -> Rules {
    let answers = &request.owned.site.answers;
    let sources: Vec<Source> = given.iter().map(source).collect();
    let addresses = given.iter().filter_map(|passage| passage.url.as_deref());
    let links = LinkPolicy::new(&answers.link_hosts, addresses).in_language(request.sentences);
    let rules = Rules::new(&answers.withhold, key.as_str(), links, &sources);
    match client.secret() {
        Some(secret) => rules.with_secret(secret),
        None => rules,
    }
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
            log_failure("model_budget", &problem);
            false
        }
    }
}

/// Logs a model that did not do what was asked of it; a leak is a line of the security log.
fn log_error(site: &SiteId, outcome: &ModelOutcome) {
    let ModelOutcome::Nothing(error) = outcome else {
        return;
    };
    if let ModelError::Rejected(rejected @ (RejectedOutput::Canary | RejectedOutput::Withheld)) =
        error
    {
        events::write(&Event {
            at: clock::now().rfc3339(),
            action: Action::ANSWER_WITHHOLD,
            outcome: Outcome::Refused,
            reason: Some(Reason(rejected.name())),
            actor: &Actor::Site(site.clone()),
            address: None,
            request_id: None,
        });
    } else {
        let line = serde_json::json!({ "event": "model_failed", "cause": error.to_string() });
        worker::console_error!("{line}");
    }
}
