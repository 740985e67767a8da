//! A question put to a language model: by the site's own connection, or to Workers AI behind the edge's binding.
//!
//! Keeps true: the call ends with the time that the site set, when the visitor stops it or a person takes over, and when
//! the answer is longer than it may be; nothing upstream stays open afterwards. What is shown passed
//! `oriel_shared::model::output_filter`.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use oriel_shared::model::completion::{Completion, Message, Request, StreamError};
use oriel_shared::model::output_filter::{FilteredAnswer, OutputFilter, RejectedOutput, Rules};
use oriel_shared::model::tokens::{self, Tokens};
use oriel_shared::wire::site::Model;
use worker::{AbortController, AbortSignal, Delay, Env};

use super::model_client::{Api, ModelClient};
use super::stop::{StopReason, StopSignal};
use super::word_batches::WordBatches;
use crate::outbound::{self, OutboundError};

/// Bytes of a token at the most, on average: an answer that is longer comes from an API that ignores its bound.
const BYTES_PER_TOKEN: usize = 8;
/// Stands at the end of an answer that was cut short.
const CUT: &str = " …";

/// How a call ended.
pub enum ModelOutcome {
    /// An answer that may be shown.
    Answer(FilteredAnswer),
    /// The visitor stopped it before there was anything to keep, or it was dropped.
    Stopped,
    /// Nothing that may be shown: the documents answer.
    Nothing(ModelError),
}

/// Why there is no answer from a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No answer, or one that broke off.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Not done within the time that the site set.
    #[error("it took too long")]
    Timeout,
    /// Another status than success.
    #[error("it answered with status {0}")]
    Status(u16),
    /// What it sent is no stream of completions, or reports an error.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// What it wrote may not be shown.
    #[error(transparent)]
    Rejected(#[from] RejectedOutput),
}

impl ModelError {
    /// The name of the error in the meter. docs/models.md lists them all.
    fn label(self) -> String {
        match self {
            Self::Outbound(failure) => failure.name().to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Status(status) => format!("status_{status}"),
            Self::Stream(error) => error.name().to_owned(),
            Self::Rejected(rejected) => rejected.name().to_owned(),
        }
    }
}

/// A call that is to be made.
pub struct ModelCall<'a> {
    /// How the model is reached.
    pub client: ModelClient,
    /// The model's name and settings.
    pub model: &'a Model,
    /// The prompt.
    pub messages: Vec<Message>,
    /// How many tokens the prompt has, estimated.
    pub input_tokens: u32,
    /// What the model may say.
    pub rules: Rules,
}

/// A call that was made.
pub struct FinishedCall {
    /// How it ended.
    pub outcome: ModelOutcome,
    /// Its outcome in a word, for the meter.
    pub label: String,
    /// What it used: as the API says, or estimated.
    pub tokens: Tokens,
}

/// Makes a call, and shows words as they come.
pub async fn call(
    env: &Env,
    call: ModelCall<'_>,
    stop_signal: &StopSignal,
    show: &dyn Fn(String),
) -> FinishedCall {
    let model = call.model;
    let controller = AbortController::default();
    let signal = controller.signal();
    let mut exchange = Exchange {
        filter: OutputFilter::new(call.rules),
        completion: Completion::default(),
        n_bytes_max: model.max_output_tokens as usize * BYTES_PER_TOKEN,
        shown: WordBatches::new(show),
        is_cut: false,
    };
    let ended = {
        let running = exchange.run(env, (&call.client, model), &call.messages, &signal);
        let running = pin!(running);
        let time = pin!(Delay::from(Duration::from_secs(model.timeout_s.into())));
        let bounded = pin!(select(running, time));
        match select(bounded, pin!(stop_signal.stopped())).await {
            Either::Left((Either::Left((outcome, _)), _)) => Either::Left(outcome),
            Either::Left((Either::Right(_), _)) => Either::Left(Err(ModelError::Timeout)),
            Either::Right((reason, _)) => Either::Right(reason),
        }
    };
    controller.abort();
    let estimated = Tokens {
        input: call.input_tokens,
        output: tokens::estimate(exchange.filter.raw()),
    };
    let tokens = match ended {
        // Nothing was asked, or the API declined.
        Either::Left(Err(
            ModelError::Outbound(OutboundError::Blocked(_)) | ModelError::Status(_),
        )) => Tokens::default(),
        _ => exchange.completion.usage.unwrap_or(estimated),
    };
    let outcome = match ended {
        Either::Left(Ok(())) if exchange.is_cut => match cut(&exchange.filter) {
            ModelOutcome::Answer(answer) if answer.sources.is_empty() => {
                rejected(RejectedOutput::Ungrounded)
            }
            outcome => outcome,
        },
        Either::Left(Ok(())) => exchange
            .filter
            .finish()
            .map_or_else(rejected, ModelOutcome::Answer),
        Either::Left(Err(error)) => ModelOutcome::Nothing(error),
        Either::Right(StopReason::Stopped) if exchange.shown.has_begun() => {
            match cut(&exchange.filter) {
                // Nobody waits for the documents any more.
                ModelOutcome::Nothing(_) => ModelOutcome::Stopped,
                kept => kept,
            }
        }
        Either::Right(_) => ModelOutcome::Stopped,
    };
    let label = match (&outcome, ended) {
        (_, Either::Right(StopReason::Stopped)) => "stopped".to_owned(),
        (_, Either::Right(StopReason::Dropped)) => "dropped".to_owned(),
        (ModelOutcome::Nothing(error), _) => error.label(),
        _ if exchange.is_cut => "cut".to_owned(),
        _ => "answered".to_owned(),
    };
    FinishedCall {
        outcome,
        label,
        tokens,
    }
}

fn cut(filter: &OutputFilter) -> ModelOutcome {
    filter
        .so_far(CUT)
        .map_or_else(rejected, ModelOutcome::Answer)
}

fn rejected(reason: RejectedOutput) -> ModelOutcome {
    ModelOutcome::Nothing(reason.into())
}

/// An exchange with a model while it goes on.
struct Exchange<'a> {
    filter: OutputFilter,
    completion: Completion,
    n_bytes_max: usize,
    shown: WordBatches<'a>,
    /// Whether it was longer than it may be.
    is_cut: bool,
}

impl Exchange<'_> {
    /// Sends the prompt and reads to the end.
    async fn run(
        &mut self,
        env: &Env,
        (client, model): (&ModelClient, &Model),
        messages: &[Message],
        signal: &AbortSignal,
    ) -> Result<(), ModelError> {
        match client {
            ModelClient::Api(api) => {
                let mut stream = post(env, api, model, messages, signal).await?;
                if !(200..300).contains(&stream.status) {
                    return Err(ModelError::Status(stream.status));
                }
                if stream.media_type.starts_with("application/json") {
                    return self.read_whole(&mut stream).await;
                }
                self.read_stream(async || stream.next().await).await
            }
            ModelClient::Binding(ai) => {
                let request = Request::to_binding(messages, model.max_output_tokens);
                let stream = ai.run_bytes(&model.name, &request).await;
                let mut stream = stream.map_err(OutboundError::from)?;
                self.read_stream(async || {
                    let chunk = stream.next().await?;
                    Some(chunk.map_err(OutboundError::from))
                })
                .await
            }
        }
    }

    /// Reads the answer of a server that does not stream.
    async fn read_whole(&mut self, stream: &mut outbound::Stream) -> Result<(), ModelError> {
        let mut body = Vec::new();
        while let Some(chunk) = stream.next().await {
            body.extend(chunk?);
        }
        let words = self.completion.whole(&body)?;
        self.shown.add(&self.filter.push(&words)?);
        self.shown.flush();
        self.is_cut = self.filter.n_bytes() > self.n_bytes_max;
        Ok(())
    }

    async fn read_stream(
        &mut self,
        mut next: impl AsyncFnMut() -> Option<Result<Vec<u8>, OutboundError>>,
    ) -> Result<(), ModelError> {
        loop {
            let chunk = {
                let mut coming = pin!(next());
                loop {
                    let Some(wait) = self.shown.wait() else {
                        break coming.await;
                    };
                    match select(coming, pin!(Delay::from(wait))).await {
                        Either::Left((chunk, _)) => break chunk,
                        Either::Right((_, rest)) => coming = rest,
                    }
                    self.shown.flush();
                }
            };
            let Some(chunk) = chunk else {
                break;
            };
            let words = self.completion.push(&chunk?)?;
            self.shown.add(&self.filter.push(&words)?);
            if self.filter.n_bytes() > self.n_bytes_max {
                self.is_cut = true;
                break;
            }
            if self.completion.is_over {
                break;
            }
        }
        self.shown.flush();
        if self.completion.is_done || self.is_cut {
            Ok(())
        } else {
            Err(OutboundError::Unreachable.into())
        }
    }
}

/// Puts the question to an OpenAI-compatible API.
async fn post(
    env: &Env,
    api: &Api,
    model: &Model,
    messages: &[Message],
    signal: &AbortSignal,
) -> Result<outbound::Stream, ModelError> {
    let target = api.target()?.below("chat").below("completions");
    let request = Request::to_host(
        target.host(),
        &model.name,
        messages,
        model.max_output_tokens,
    );
    let body = serde_json::to_string(&request).ok();
    Ok(api
        .post(env, &target, ("text/event-stream", body), signal)
        .await?)
}
