//! Embeddings: the request, and the vectors that come back.
//!
//! Keeps true: there is one vector for each text, in the order of the texts, all of one length; or none at all.
//! Sources: OpenAI API reference, "Create embeddings"; Cloudflare Workers AI, "Text embeddings".

use serde::{Deserialize, Serialize};

use crate::answer::embeddings::Vector;

/// The request to an OpenAI-compatible API.
#[derive(Clone, Debug, Serialize)]
pub struct Request<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The texts.
    pub input: &'a [String],
    /// `float`, because not every server can encode vectors as base64.
    pub encoding_format: &'static str,
}

impl<'a> Request<'a> {
    /// Makes a request for one vector a text.
    pub const fn new(model: &'a str, input: &'a [String]) -> Self {
        Self {
            model,
            input,
            encoding_format: "float",
        }
    }
}

/// The request to Workers AI.
#[derive(Clone, Debug, Serialize)]
pub struct BindingRequest<'a> {
    /// The texts.
    pub text: &'a [String],
}

/// What comes back is not one vector for each text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is not one vector for each text")]
pub struct EmbeddingsMalformed;

/// The vectors of the texts, and what they cost.
#[derive(Debug, PartialEq, Eq)]
pub struct EmbeddingReply {
    /// One for each text, in their order.
    pub vectors: Vec<Vector>,
    /// Tokens that were used, where the API reports them.
    pub tokens: Option<u32>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Entry>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Entry {
    /// The place of its text among the texts; if absent, the place in the list.
    #[serde(default)]
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: Option<u32>,
    #[serde(default)]
    total_tokens: Option<u32>,
}

/// The answer of Workers AI.
#[derive(Deserialize)]
pub struct BindingReply {
    data: Vec<Vec<f32>>,
}

/// Reads the answer of an API that was asked for `n` vectors.
///
/// # Errors
/// [`EmbeddingsMalformed`].
pub fn read(body: &[u8], n: usize) -> Result<EmbeddingReply, EmbeddingsMalformed> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| EmbeddingsMalformed)?;
    let mut placed: Vec<Option<Vec<f32>>> = vec![None; n];
    if answer.data.len() != n {
        return Err(EmbeddingsMalformed);
    }
    for (at, entry) in answer.data.into_iter().enumerate() {
        let place = placed
            .get_mut(entry.index.unwrap_or(at))
            .ok_or(EmbeddingsMalformed)?;
        if place.replace(entry.embedding).is_some() {
            return Err(EmbeddingsMalformed);
        }
    }
    let usage = answer.usage;
    Ok(EmbeddingReply {
        vectors: fit(placed.into_iter().flatten(), n)?,
        tokens: usage.and_then(|usage| usage.prompt_tokens.or(usage.total_tokens)),
    })
}

/// Reads the answer of Workers AI that was asked for `n` vectors.
///
/// # Errors
/// [`EmbeddingsMalformed`].
pub fn read_binding(answer: BindingReply, n: usize) -> Result<EmbeddingReply, EmbeddingsMalformed> {
    Ok(EmbeddingReply {
        vectors: fit(answer.data.into_iter(), n)?,
        tokens: None,
    })
}

fn fit(all: impl Iterator<Item = Vec<f32>>, n: usize) -> Result<Vec<Vector>, EmbeddingsMalformed> {
    let vectors: Option<Vec<Vector>> = all.map(|values| Vector::of(&values)).collect();
    let vectors = vectors.ok_or(EmbeddingsMalformed)?;
    let mut lengths = vectors.iter().map(Vector::dimensions);
    let first = lengths.next();
    let is_one_length = lengths.all(|length| Some(length) == first);
    if vectors.len() == n && is_one_length {
        Ok(vectors)
    } else {
        Err(EmbeddingsMalformed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn entry(index: usize, first: f32) -> Value {
        let values = [first, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        json!({"object": "embedding", "index": index, "embedding": values})
    }

    fn read_json(data: &Value, n: usize) -> Result<EmbeddingReply, EmbeddingsMalformed> {
        let usage = json!({"prompt_tokens": 7, "total_tokens": 7});
        let body = json!({"object": "list", "data": data, "model": "m", "usage": usage});
        read(body.to_string().as_bytes(), n)
    }

    #[test]
    fn vectors_come_in_the_order_of_the_texts() {
        let straight = read_json(&json!([entry(0, -1.0), entry(1, 1.0)]), 2).expect("fit");
        let turned = read_json(&json!([entry(1, 1.0), entry(0, -1.0)]), 2).expect("fit");
        assert_eq!(straight, turned);
        assert_ne!(straight.vectors[0], straight.vectors[1]);
        assert_eq!(straight.tokens, Some(7));
        let bare =
            json!({"data": [[-1, 1, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]], "shape": [2, 8]});
        let bare = serde_json::from_value(bare).expect("an answer");
        let bound = read_binding(bare, 2).expect("fit");
        assert_eq!(bound.vectors, straight.vectors);
    }

    #[test]
    fn what_is_not_one_vector_a_text_is_refused_whole() {
        let short = json!({"index": 1, "embedding": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]});
        let zero = json!({"index": 1, "embedding": [0, 0, 0, 0, 0, 0, 0, 0]});
        let empty = json!({"index": 1, "embedding": [null, 1, 1, 1, 1, 1, 1, 1]});
        let huge = json!({"index": 1, "embedding": [1e300, 1, 1, 1, 1, 1, 1, 1]});
        for data in [
            json!([entry(0, 1.0)]),
            json!([entry(0, 1.0), entry(1, 1.0), entry(2, 1.0)]),
            json!([entry(0, 1.0), entry(0, 1.0)]),
            json!([entry(0, 1.0), entry(2, 1.0)]),
            json!([entry(0, 1.0), short]),
            json!([entry(0, 1.0), zero]),
            json!([entry(0, 1.0), empty]),
            json!([entry(0, 1.0), huge]),
            json!("data"),
        ] {
            assert_eq!(read_json(&data, 2), Err(EmbeddingsMalformed), "{data}");
        }
        let nan = br#"{"data": [{"index": 0, "embedding": [NaN, 1, 1, 1, 1, 1, 1, 1]}]}"#;
        for body in [
            &nan[..],
            b"",
            b"{}",
            b"[]",
            br#"{"error": {"message": "no"}}"#,
        ] {
            assert_eq!(read(body, 1), Err(EmbeddingsMalformed));
        }
        let bare = serde_json::from_value(json!({"data": []})).expect("an answer");
        assert_eq!(read_binding(bare, 1), Err(EmbeddingsMalformed));
    }
}
