//! Vectors of questions and passages, from a site's embedding model: by its own connection or behind the edge's binding.
//!
//! Keeps true: every call is reserved in the organisation's model budget before it is made and settled after; it ends in time;
//! it goes out under the egress policy, with the site's own key; what is sent is a question, or passages of the site's own documents.
//! What a model fails to do is left to the words.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
pub use oriel_shared::answer::embeddings::Vector;
use oriel_shared::answer::embeddings::beginning;
use oriel_shared::id::UsageId;
use oriel_shared::model::embedding::{
    self, BindingRequest, EmbeddingReply, EmbeddingsMalformed, Request,
};
use oriel_shared::model::tokens::{Prices, Tokens, estimate};
use oriel_shared::wire::site::Embeddings;
use sha2::{Digest, Sha256};
use worker::{AbortController, AbortSignal, Delay, Env};

use super::model_client::ModelClient;
use crate::calls::{self, ModelBudgetCall, ModelBudgetReply, Reservation, Settlement};
use crate::clock;
use crate::http::problem::Problem;
use crate::outbound::OutboundError;
use crate::store::sites::OwnedSite;

/// Nobody waits for passages.
const PASSAGES_MS: u64 = 20_000;

/// Why there are no vectors.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddingError {
    /// No answer, or one that broke off.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Not done within the time.
    #[error("it took too long")]
    Timeout,
    /// Another status than success.
    #[error("it answered with status {0}")]
    Status(u16),
    /// What it sent is not what was asked for.
    #[error(transparent)]
    Malformed(#[from] EmbeddingsMalformed),
}

impl EmbeddingError {
    /// In a word, for the meter. docs/models.md has all.
    fn label(&self) -> String {
        match self {
            Self::Outbound(failure) => failure.name().to_owned(),
            Self::Timeout => "timeout".to_owned(),
            Self::Status(status) => format!("status_{status}"),
            Self::Malformed(_) => "garbage".to_owned(),
        }
    }
}

/// A call that was made, or was not for want of budget.
pub struct Made {
    /// One vector for each text.
    pub outcome: Result<Vec<Vector>, EmbeddingError>,
    /// For the organisation's model budget.
    pub settlement: Settlement,
}

/// A site's embedding model.
pub struct Embedder<'a> {
    /// Where it runs.
    pub env: &'a Env,
    /// Whose it is.
    pub owned: &'a OwnedSite,
    client: ModelClient,
}

impl<'a> Embedder<'a> {
    /// `None` when the site has none, or none that can be reached as it is set up.
    ///
    /// # Errors
    /// A [`Problem`] of ours or of the database.
    pub async fn of(env: &'a Env, owned: &'a OwnedSite) -> Result<Option<Self>, Problem> {
        let Embeddings {
            provider,
            connection_id,
            ..
        } = &owned.site.answers.embeddings;
        let client = ModelClient::new(env, owned, *provider, connection_id.as_ref()).await?;
        Ok(client.map(|client| Self { env, owned, client }))
    }

    /// The kind of its vectors of passages, as [`kind`] says.
    pub fn kind(&self) -> String {
        kind(self.setting()).unwrap_or_default()
    }

    fn setting(&self) -> &Embeddings {
        &self.owned.site.answers.embeddings
    }

    /// The vector of a question. `None` when there is no budget for it.
    ///
    /// # Errors
    /// A [`Problem`] of ours.
    pub async fn question(&self, text: &str) -> Result<Option<Made>, Problem> {
        let setting = self.setting();
        let text = after(&setting.question_prefix, beginning(text));
        self.embed(&[text], setting.timeout_ms.into()).await
    }

    /// The vectors of passages, by what [`oriel_shared::answer::embeddings::passage_text`] says of each. `None` when there is
    /// no budget for it.
    ///
    /// # Errors
    /// A [`Problem`] of ours.
    pub async fn passages(&self, texts: &[String]) -> Result<Option<Made>, Problem> {
        let prefix = &self.setting().passage_prefix;
        let texts: Vec<String> = texts.iter().map(|text| after(prefix, text)).collect();
        self.embed(&texts, PASSAGES_MS).await
    }

    async fn embed(&self, texts: &[String], time_ms: u64) -> Result<Option<Made>, Problem> {
        let setting = self.setting();
        let worst = Tokens {
            input: texts.iter().map(|text| estimate(text)).sum(),
            output: 0,
        };
        let prices = Prices {
            input: setting.price,
            output: 0,
        };
        let id = UsageId::from_random(clock::random()?);
        let reservation = ModelBudgetCall::Reserve(Reservation {
            id: id.clone(),
            org: self.owned.org.clone(),
            site: self.owned.site.id.clone(),
            provider: setting.provider,
            model: setting.name.clone(),
            tokens: worst,
            cost: prices.cost(worst),
            time_ms,
        });
        let reply = calls::model_budget(self.env, &self.owned.org, &reservation).await?;
        if !matches!(reply, ModelBudgetReply::Done) {
            return Ok(None);
        }
        let outcome = self.within(texts, Duration::from_millis(time_ms)).await;
        let tokens = match &outcome {
            Ok(embedded) => Tokens {
                input: embedded.tokens.unwrap_or(worst.input),
                output: 0,
            },
            // Nothing was sent, or the API declined.
            Err(
                EmbeddingError::Outbound(OutboundError::Blocked(_)) | EmbeddingError::Status(_),
            ) => Tokens::default(),
            Err(_) => worst,
        };
        let settlement = Settlement {
            id,
            tokens,
            cost: prices.cost(tokens),
            outcome: match &outcome {
                Ok(_) => "embedded".to_owned(),
                Err(error) => error.label(),
            },
        };
        Ok(Some(Made {
            outcome: outcome.map(|embedded| embedded.vectors),
            settlement,
        }))
    }

    /// Calls the model, and leaves nothing open when the time is up.
    async fn within(
        &self,
        texts: &[String],
        time: Duration,
    ) -> Result<EmbeddingReply, EmbeddingError> {
        let controller = AbortController::default();
        let signal = controller.signal();
        let asked = pin!(self.ask(texts, &signal));
        let outcome = match select(asked, pin!(Delay::from(time))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Err(EmbeddingError::Timeout),
        };
        controller.abort();
        outcome
    }

    async fn ask(
        &self,
        texts: &[String],
        signal: &AbortSignal,
    ) -> Result<EmbeddingReply, EmbeddingError> {
        let name = &self.setting().name;
        let api = match &self.client {
            ModelClient::Api(api) => api,
            ModelClient::Binding(ai) => {
                let request = BindingRequest { text: texts };
                let answer = ai.run(name, request).await.map_err(OutboundError::from)?;
                return Ok(embedding::read_binding(answer, texts.len())?);
            }
        };
        let target = api.target()?.below("embeddings");
        let body = serde_json::to_string(&Request::new(name, texts)).ok();
        let mut stream = api
            .post(self.env, &target, ("application/json", body), signal)
            .await?;
        if !(200..300).contains(&stream.status) {
            return Err(EmbeddingError::Status(stream.status));
        }
        let mut body = Vec::new();
        while let Some(chunk) = stream.next().await {
            body.extend(chunk?);
        }
        Ok(embedding::read(&body, texts.len())?)
    }
}

/// The kind of vectors of passages that this setting makes: those of another kind are of no use. `None` when it makes none.
pub fn kind(setting: &Embeddings) -> Option<String> {
    if setting.is_off() {
        return None;
    }
    let connection = setting.connection_id.as_ref().map(|id| id.as_str());
    let mut hasher = Sha256::new();
    for part in [
        connection.unwrap_or_default(),
        &setting.name,
        &setting.passage_prefix,
    ] {
        hasher.update(part.as_bytes());
        // No setting holds it.
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    let first = digest.iter().take(8);
    Some(first.map(|byte| format!("{byte:02x}")).collect())
}

fn after(prefix: &str, text: &str) -> String {
    if prefix.is_empty() {
        text.to_owned()
    } else {
        format!("{prefix} {text}")
    }
}

#[cfg(test)]
mod tests {
    use oriel_shared::id::ConnectionId;
    use oriel_shared::wire::site::Provider;

    use super::*;

    #[test]
    fn vectors_of_another_model_have_another_name() {
        let setting = Embeddings {
            provider: Provider::Connection,
            connection_id: Some(ConnectionId("con_a".into())),
            name: "model".into(),
            ..Embeddings::default()
        };
        let mut names = vec![kind(&setting)];
        let other = |change: &dyn Fn(&mut Embeddings)| {
            let mut other = setting.clone();
            change(&mut other);
            kind(&other)
        };
        names.push(other(&|it| it.name = "model-2".into()));
        names.push(other(&|it| it.passage_prefix = "passage:".into()));
        names.push(other(&|it| it.connection_id = None));
        names.push(other(&|it| *it = Embeddings::default()));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 5);
        // What stands before a question and what it costs makes passages no others.
        assert_eq!(
            other(&|it| it.question_prefix = "query:".into()),
            kind(&setting)
        );
        assert_eq!(other(&|it| it.price = 1), kind(&setting));
    }
}
