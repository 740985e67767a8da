//! A stand-in for an embedding model behind an OpenAI-compatible API, and vectors that a real one made once.

use std::collections::HashMap;

use oriel_shared::id::ConnectionId;
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::site::{Answers, Embeddings, Provider};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::edge::workspace;
use crate::fake_internet::{ReceivedRequest, Reply};
use crate::model::connect_model;
use crate::online_edge::OnlineEdge;
use crate::team::Team;

/// Stands before a question, as the recorded model wants it.
pub const QUESTION_PREFIX: &str = "task: search result | query:";
/// Stands before a passage.
pub const PASSAGE_PREFIX: &str = "title: none | text:";

/// The texts of which vectors are asked for.
pub fn texts(seen: &ReceivedRequest) -> Vec<String> {
    let body = seen.json();
    let texts = body["input"].as_array().into_iter().flatten();
    texts
        .map(|text| text.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// What an API answers that has these vectors.
pub fn vectors(vectors: &[Vec<f32>]) -> Reply {
    let data: Vec<Value> = vectors
        .iter()
        .enumerate()
        .map(|(at, vector)| json!({"object": "embedding", "index": at, "embedding": vector}))
        .collect();
    let usage = json!({"prompt_tokens": 10 * vectors.len(), "total_tokens": 10 * vectors.len()});
    let body = json!({"object": "list", "data": data, "model": "stand-in", "usage": usage});
    Reply::page("application/json", &body.to_string())
}

/// A host that answers like an embedding model's API does: lists its models, and embeds as `embed` says.
#[track_caller]
pub fn connect_embeddings(
    online: &OnlineEdge,
    team: &Team,
    host: &str,
    embed: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
) -> ConnectionId {
    connect_model(online, team, host, embed).connection.id
}

/// A setting that turns a connection's model on, with time to spare.
pub fn setting(connection: &ConnectionId) -> Embeddings {
    Embeddings {
        provider: Provider::Connection,
        connection_id: Some(connection.clone()),
        name: "stand-in".to_owned(),
        question_prefix: QUESTION_PREFIX.to_owned(),
        passage_prefix: PASSAGE_PREFIX.to_owned(),
        timeout_ms: 5_000,
        ..Embeddings::default()
    }
}

/// The change of a site that sets it.
pub fn change(embeddings: Embeddings) -> SiteChange {
    SiteChange {
        answers: Some(Answers {
            embeddings,
            ..Answers::default()
        }),
        ..SiteChange::default()
    }
}

/// The calls of a host that asked for vectors, first to last: their texts.
pub fn asked(online: &OnlineEdge, host: &str) -> Vec<Vec<String>> {
    let seen = online.internet.seen(host);
    let calls = seen
        .iter()
        .filter(|seen| seen.url.ends_with("/v1/embeddings"));
    calls.map(texts).collect()
}

/// Vectors that a real model made of all that `testdata/answers` has; its README says how.
pub struct Recorded(HashMap<[u8; 8], Vec<f32>>);

impl Recorded {
    const DIMENSIONS: usize = 512;

    /// Reads them.
    ///
    /// # Panics
    /// When they are not there.
    pub fn read() -> Self {
        let bytes =
            std::fs::read(workspace().join("testdata/answers/vectors.bin")).expect("a file");
        let entries = bytes.chunks_exact(8 + Self::DIMENSIONS).map(|entry| {
            let (key, values) = entry.split_first_chunk().expect("long enough");
            let values = values.iter();
            let values = values.map(|byte| f32::from(byte.cast_signed()) / 127.0);
            (*key, values.collect())
        });
        Self(entries.collect())
    }

    /// Of a text with what stands before it.
    ///
    /// # Panics
    /// When none is recorded.
    pub fn of(&self, text: &str) -> Vec<f32> {
        let digest = Sha256::digest(text.as_bytes());
        let key = digest.first_chunk().expect("long enough");
        let vector = self.0.get(key);
        vector
            .unwrap_or_else(|| panic!("no vector is recorded of {text:?}"))
            .clone()
    }
}
