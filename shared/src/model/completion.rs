//! Chat completions: the request, and what its stream says.
//!
//! What is read is what all compatible servers write. Members that are not known are left alone: the API is somebody
//! else's and grows.
//! Sources: OpenAI API reference, "Chat completions" and "Streaming"; Cloudflare Workers AI, "Text generation".

use serde::{Deserialize, Serialize};

use super::sse::{EventTooLong, SseParser};
use super::tokens::Tokens;

/// Who speaks, to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatRole {
    /// The edge, with the rules.
    System,
    /// The visitor.
    User,
    /// The assistant, earlier.
    Assistant,
}

/// A message to a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who speaks.
    pub role: ChatRole,
    /// The words.
    pub content: String,
}

/// What is asked of a model.
#[derive(Clone, Debug, Serialize)]
pub struct Request<'a> {
    /// Its name; Workers AI takes it beside the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<&'a str>,
    /// The conversation.
    pub messages: &'a [Message],
    /// Always: the first words are shown while the rest is made.
    pub stream: bool,
    /// Asks for the usage at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_options: Option<StreamOptions>,
    /// Tokens of the answer at the most, as everybody but OpenAI calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// The value of `max_tokens` for OpenAI, whose newer models refuse that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_completion_tokens: Option<u32>,
}

/// See [`Request::stream_options`].
#[derive(Clone, Copy, Debug, Serialize)]
pub struct StreamOptions {
    /// Whether the last chunk holds the usage.
    pub include_usage: bool,
}

impl<'a> Request<'a> {
    /// Makes a request to an OpenAI-compatible API at `host`.
    pub fn to_host(host: &str, model: &'a str, messages: &'a [Message], max_tokens: u32) -> Self {
        let is_openai = host == "api.openai.com" || host.ends_with(".openai.azure.com");
        Self {
            model: Some(model),
            messages,
            stream: true,
            stream_options: Some(StreamOptions {
                include_usage: true,
            }),
            max_tokens: (!is_openai).then_some(max_tokens),
            max_completion_tokens: is_openai.then_some(max_tokens),
        }
    }

    /// Makes a request to Workers AI.
    pub fn to_binding(messages: &'a [Message], max_tokens: u32) -> Self {
        Self {
            model: None,
            messages,
            stream: true,
            stream_options: None,
            max_tokens: Some(max_tokens),
            max_completion_tokens: None,
        }
    }
}

/// Why a stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// It is no stream of completions.
    #[error("the answer is not a stream of chat completions")]
    Malformed,
    /// The API reports an error in the middle.
    #[error("the API reported an error")]
    Reported,
    /// An event without end.
    #[error(transparent)]
    TooLong(#[from] EventTooLong),
}

impl StreamError {
    /// Returns the stable name for the meter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed | Self::TooLong(_) => "garbage",
            Self::Reported => "error",
        }
    }
}

/// A stream of completions, read as it arrives.
#[derive(Debug, Default)]
pub struct Completion {
    events: SseParser,
    /// What the API says that was used.
    pub usage: Option<Tokens>,
    /// Whether the API said that this was all; a stream that ends without was cut.
    pub is_done: bool,
    /// Whether nothing follows, the usage neither.
    pub is_over: bool,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<serde::de::IgnoredAny>,
    /// Workers AI's own form, beside the compatible one. A token of digits comes as a number.
    #[serde(default)]
    response: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Option<Content>,
    /// Of a server that does not stream.
    #[serde(default)]
    message: Option<Content>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

impl Completion {
    /// Takes the next bytes of a stream and tells the words in them.
    ///
    /// # Errors
    /// [`StreamError`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<String, StreamError> {
        let mut words = String::new();
        for data in self.events.push(bytes)? {
            if data.trim() == "[DONE]" {
                (self.is_done, self.is_over) = (true, true);
            } else {
                self.take(&data, &mut words)?;
            }
        }
        Ok(words)
    }

    /// Takes the whole answer of a server that does not stream.
    ///
    /// # Errors
    /// [`StreamError`].
    pub fn whole(&mut self, body: &[u8]) -> Result<String, StreamError> {
        let mut words = String::new();
        let text = std::str::from_utf8(body).map_err(|_| StreamError::Malformed)?;
        self.take(text, &mut words)?;
        self.is_done = true;
        Ok(words)
    }

    fn take(&mut self, json: &str, words: &mut String) -> Result<(), StreamError> {
        let chunk: Chunk = serde_json::from_str(json).map_err(|_| StreamError::Malformed)?;
        if chunk.error.is_some() {
            return Err(StreamError::Reported);
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some(Tokens {
                input: usage.prompt_tokens,
                output: usage.completion_tokens,
            });
        }
        match chunk.response {
            Some(serde_json::Value::String(response)) => words.push_str(&response),
            Some(serde_json::Value::Number(response)) => words.push_str(&response.to_string()),
            _ => {}
        }
        for choice in chunk.choices {
            let said = choice.delta.or(choice.message);
            words.push_str(
                said.and_then(|said| said.content)
                    .as_deref()
                    .unwrap_or_default(),
            );
            self.is_done |= choice.finish_reason.is_some();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As OpenAI's reference shows a stream, with the usage that was asked for.
    const STREAM: &str = r#"data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29}}

data: [DONE]

"#;

    #[test]
    fn the_published_stream_is_read_word_for_word() {
        let mut completion = Completion::default();
        assert_eq!(completion.push(STREAM.as_bytes()), Ok("Hello".into()));
        assert_eq!(
            completion.usage,
            Some(Tokens {
                input: 19,
                output: 10
            })
        );
        assert!(completion.is_done);
    }

    #[test]
    fn workers_ai_and_servers_that_do_not_stream_are_read_too() {
        let mut completion = Completion::default();
        let stream = "data: {\"response\":\"Hel\"}\n\ndata: {\"response\":\"lo \"}\n\ndata: {\"response\":7,\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
        assert_eq!(completion.push(stream.as_bytes()), Ok("Hello 7".into()));
        assert_eq!(
            completion.usage,
            Some(Tokens {
                input: 3,
                output: 2
            })
        );
        let mut completion = Completion::default();
        let body = r#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
        assert_eq!(completion.whole(body.as_bytes()), Ok("Hello".into()));
    }

    #[test]
    fn a_stream_that_is_cut_is_not_done_and_what_is_no_stream_is_broken() {
        let cut = STREAM
            .find("\"finish_reason\":\"stop\"")
            .expect("it is there");
        let mut completion = Completion::default();
        assert_eq!(
            completion.push(&STREAM.as_bytes()[..cut]),
            Ok("Hello".into())
        );
        assert!(!completion.is_done);
        for (stream, broken) in [
            ("data: <html>\n\n", StreamError::Malformed),
            ("data: {\"choices\":7}\n\n", StreamError::Malformed),
            (
                "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
                StreamError::Reported,
            ),
        ] {
            assert_eq!(
                Completion::default().push(stream.as_bytes()),
                Err(broken),
                "{stream}"
            );
        }
        assert_eq!(Completion::default().whole(b"{}"), Ok(String::new()));
        assert_eq!(
            Completion::default().whole(b"\xff"),
            Err(StreamError::Malformed)
        );
    }

    #[test]
    fn a_request_says_what_the_api_knows() {
        let messages = [Message {
            role: ChatRole::User,
            content: "Hi".into(),
        }];
        let json = |request: &Request<'_>| serde_json::to_string(request).expect("it serialises");
        assert_eq!(
            json(&Request::to_host("llm.example.com", "m", &messages, 16)),
            r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true},"max_tokens":16}"#
        );
        assert!(
            json(&Request::to_host("api.openai.com", "m", &messages, 16))
                .ends_with(r#""max_completion_tokens":16}"#)
        );
        assert_eq!(
            json(&Request::to_binding(&messages, 16)),
            r#"{"messages":[{"role":"user","content":"Hi"}],"stream":true,"max_tokens":16}"#
        );
    }
}
