//! A question put to a language model: by the site's own connection, or to Workers AI behind the edge's binding.
//!
//! Keeps true: the call ends with the time that the site set, when the visitor stops it or a person takes over, and when
//! the answer is longer than it may be; nothing upstream stays open afterwards. What is shown passed
//! `oriel_shared::model::output_filter`. The first words are shown at once, the next ones at most every [`BATCH_MS`].

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use oriel_shared::model::completion::{Completion, Message, Request, StreamError};
use oriel_shared::model::output_filter::{FilteredAnswer, OutputFilter, RejectedOutput, Rules};
use oriel_shared::model::tokens::{self, Tokens};
use oriel_shared::wire::site::Model;
use worker::{AbortController, AbortSignal, Delay, Env};

use super::model_client::{Api, ModelClient};
use crate::clock;
use crate::outbound::{self, Failure};

/// Between two batches of words: slow enough for ten tabs, quick enough to look like speech.
const BATCH_MS: u64 = 70;
/// Bytes of a token at the most, on average: an answer that is longer comes from an API that ignores its bound.
const BYTES_PER_TOKEN: usize = 8;
/// Stands at the end of an answer that was ended before its time.
const CUT: &str = " …";

/// Ends an answer that is being made, from outside.
#[derive(Default)]
pub struct Switch {
    ended: Cell<Option<End>>,
    waker: Cell<Option<Waker>>,
}

/// How an answer was ended from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The visitor has read enough: what was said is kept.
    Stopped,
    /// A person took over, or the chat ended: nothing of it is kept.
    Dropped,
}

impl Switch {
    /// Ends it. The first end stands, but for a drop, which counts always.
    pub fn end(&self, end: End) {
        if end == End::Dropped || self.ended.get().is_none() {
            self.ended.set(Some(end));
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Whether it was ended.
    pub fn ended(&self) -> Option<End> {
        self.ended.get()
    }

    async fn flipped(&self) -> End {
        poll_fn(|context| match self.ended.get() {
            Some(end) => Poll::Ready(end),
            None => {
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

/// What came of a call.
pub enum ModelOutcome {
    /// An answer that may be said.
    Answer(FilteredAnswer),
    /// The visitor stopped it before there was anything to keep, or it was dropped.
    Ended,
    /// Nothing that may be said: the documents answer.
    Nothing(ModelError),
}

/// ModelError nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// No answer, or one that broke off.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// Not done within the time that the site set.
    #[error("it took too long")]
    Timeout,
    /// Another status than success.
    #[error("it answered with status {0}")]
    Status(u16),
    /// What it says is no stream of completions, or reports an error.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// What it says is not said.
    #[error(transparent)]
    Rejected(#[from] RejectedOutput),
}

impl ModelError {
    /// In a word, for the meter. docs/models.md has all.
    fn outcome(self) -> String {
        match self {
            Self::Failure(failure) => failure.name().to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Status(status) => format!("status_{status}"),
            Self::Stream(error) => error.name().to_owned(),
            Self::Rejected(rejected) => rejected.name().to_owned(),
        }
    }
}

/// What is asked, of which model.
pub struct Question<'a> {
    /// How it is reached.
    pub way: ModelClient,
    /// Which it is.
    pub model: &'a Model,
    /// The prompt.
    pub messages: Vec<Message>,
    /// Its tokens, estimated.
    pub input_tokens: u32,
    /// What may be said.
    pub rules: Rules,
}

/// A call that was made.
pub struct Exchange {
    /// What came of it.
    pub came: ModelOutcome,
    /// The same in a word, for the meter.
    pub outcome: String,
    /// What it used: as the API says, or estimated.
    pub tokens: Tokens,
}

/// Asks.
pub async fn ask(
    env: &Env,
    question: Question<'_>,
    switch: &Switch,
    show: &dyn Fn(String),
) -> Exchange {
    let model = question.model;
    let controller = AbortController::default();
    let signal = controller.signal();
    let mut talk = Talk {
        filter: OutputFilter::new(question.rules),
        completion: Completion::default(),
        n_bytes_max: model.max_output_tokens as usize * BYTES_PER_TOKEN,
        shown: Batch::new(show),
        is_cut: false,
    };
    let ended = {
        let talking = pin!(talk.hold(env, (&question.way, model), &question.messages, &signal));
        let time = pin!(Delay::from(Duration::from_secs(model.timeout_s.into())));
        let bounded = pin!(select(talking, time));
        match select(bounded, pin!(switch.flipped())).await {
            Either::Left((Either::Left((outcome, _)), _)) => Either::Left(outcome),
            Either::Left((Either::Right(_), _)) => Either::Left(Err(ModelError::Timeout)),
            Either::Right((end, _)) => Either::Right(end),
        }
    };
    controller.abort();
    let estimated = Tokens {
        input: question.input_tokens,
        output: tokens::estimate(talk.filter.raw()),
    };
    let tokens = match ended {
        // Nothing was asked, or the API declined.
        Either::Left(Err(ModelError::Failure(Failure::Blocked(_)) | ModelError::Status(_))) => {
            Tokens::default()
        }
        _ => talk.completion.usage.unwrap_or(estimated),
    };
    let came = match ended {
        Either::Left(Ok(())) if talk.is_cut => match cut(&talk.filter) {
            ModelOutcome::Answer(answer) if answer.sources.is_empty() => {
                rejected(RejectedOutput::Ungrounded)
            }
            came => came,
        },
        Either::Left(Ok(())) => talk
            .filter
            .finish()
            .map_or_else(rejected, ModelOutcome::Answer),
        Either::Left(Err(why)) => ModelOutcome::Nothing(why),
        Either::Right(End::Stopped) if talk.shown.has_begun => match cut(&talk.filter) {
            // Nobody waits for the documents any more.
            ModelOutcome::Nothing(_) => ModelOutcome::Ended,
            kept => kept,
        },
        Either::Right(_) => ModelOutcome::Ended,
    };
    let outcome = match (&came, ended) {
        (_, Either::Right(End::Stopped)) => "stopped".to_owned(),
        (_, Either::Right(End::Dropped)) => "dropped".to_owned(),
        (ModelOutcome::Nothing(why), _) => why.outcome(),
        _ if talk.is_cut => "cut".to_owned(),
        _ => "answered".to_owned(),
    };
    Exchange {
        came,
        outcome,
        tokens,
    }
}

fn cut(filter: &OutputFilter) -> ModelOutcome {
    filter
        .so_far(CUT)
        .map_or_else(rejected, ModelOutcome::Answer)
}

fn rejected(why: RejectedOutput) -> ModelOutcome {
    ModelOutcome::Nothing(why.into())
}

/// An exchange with a model while it goes on.
struct Talk<'a> {
    filter: OutputFilter,
    completion: Completion,
    n_bytes_max: usize,
    shown: Batch<'a>,
    /// Whether it was longer than it may be.
    is_cut: bool,
}

impl Talk<'_> {
    /// Asks and listens to the end.
    async fn hold(
        &mut self,
        env: &Env,
        (way, model): (&ModelClient, &Model),
        messages: &[Message],
        signal: &AbortSignal,
    ) -> Result<(), ModelError> {
        match way {
            ModelClient::Api(api) => {
                let mut stream = post(env, api, model, messages, signal).await?;
                if !(200..300).contains(&stream.status) {
                    return Err(ModelError::Status(stream.status));
                }
                if stream.media_type.starts_with("application/json") {
                    return self.take_whole(&mut stream).await;
                }
                self.listen(async || stream.next().await).await
            }
            ModelClient::Binding(ai) => {
                let request = Request::to_binding(messages, model.max_output_tokens);
                let stream = ai.run_bytes(&model.name, &request).await;
                let mut stream = stream.map_err(Failure::from)?;
                self.listen(async || {
                    let chunk = stream.next().await?;
                    Some(chunk.map_err(Failure::from))
                })
                .await
            }
        }
    }

    /// A server that does not stream.
    async fn take_whole(&mut self, stream: &mut outbound::Stream) -> Result<(), ModelError> {
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

    async fn listen(
        &mut self,
        mut next: impl AsyncFnMut() -> Option<Result<Vec<u8>, Failure>>,
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
            Err(Failure::Unreachable.into())
        }
    }
}

/// Words on their way to the visitor's tabs.
struct Batch<'a> {
    show: &'a dyn Fn(String),
    words: String,
    has_begun: bool,
    flushed_at: u64,
}

impl<'a> Batch<'a> {
    fn new(show: &'a dyn Fn(String)) -> Self {
        Self {
            show,
            words: String::new(),
            has_begun: false,
            flushed_at: 0,
        }
    }

    /// Takes more words; shows them when it is time.
    fn add(&mut self, words: &str) {
        self.words.push_str(words);
        if self.wait().is_some_and(|wait| wait.is_zero()) {
            self.flush();
        }
    }

    /// How long words have to wait, when there are any.
    fn wait(&self) -> Option<Duration> {
        if self.words.is_empty() {
            return None;
        }
        let due = self.flushed_at + BATCH_MS;
        Some(Duration::from_millis(due.saturating_sub(clock::now().0)))
    }

    fn flush(&mut self) {
        if self.words.is_empty() {
            return;
        }
        self.has_begun = true;
        self.flushed_at = clock::now().0;
        (self.show)(std::mem::take(&mut self.words));
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
