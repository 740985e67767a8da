//! A stand-in for a language model behind an OpenAI-compatible API: it speaks the protocol and says what a test wants.

use std::sync::Arc;
use std::time::Duration;

use oriel_shared::id::ConnectionId;
use oriel_shared::wire::admin::{ConnectionCreated, Site, SiteChange};
use oriel_shared::wire::site::{Model, Provider};
use serde_json::{Value, json};

use crate::connections::connect;
use crate::outside::{Line, Outside, Reply, Seen, Tell, Told};
use crate::team::Team;

/// The key with which the edge calls every stand-in. What it unlocks is the tester's own.
pub const API_KEY: &str = "sk-stand-in-0123456789abcdefghijklmnopqrstuv";

/// A chunk of a completion.
pub fn chunk(words: &str) -> Vec<u8> {
    event(&json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in",
        "choices": [{"index": 0, "delta": {"content": words}, "finish_reason": null}],
    }))
}

/// What ends a completion: the reason, the usage, and that this was all.
pub fn end(usage: Option<(u32, u32)>) -> Vec<u8> {
    let mut end = event(&json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in",
        "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
    }));
    if let Some((input, output)) = usage {
        end.extend(event(&json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in", "choices": [],
            "usage": {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output},
        })));
    }
    end.extend(b"data: [DONE]\n\n");
    end
}

fn event(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// A stream that `tell` makes.
pub fn stream(tell: impl Fn(&mut Line<'_>) -> Told + Send + Sync + 'static) -> Reply {
    Reply::Told {
        media_type: "text/event-stream; charset=utf-8",
        tell: Tell(Arc::new(tell)),
    }
}

/// A whole answer, in pieces with a pause after each.
pub fn says(pieces: &[&str], pause: Duration) -> Reply {
    let pieces: Vec<String> = pieces.iter().map(|&piece| piece.to_owned()).collect();
    stream(move |line| {
        for piece in &pieces {
            if !line.say(&chunk(piece)) || line.wait(pause) {
                return Told::Cut;
            }
        }
        line.say(&end(Some((100, 20))));
        Told::Whole
    })
}

/// What was asked of a model.
#[derive(Clone, Debug)]
pub struct Prompt(Value);

impl Prompt {
    /// Reads a request.
    #[track_caller]
    pub fn of(seen: &Seen) -> Self {
        Self(seen.json())
    }

    /// The whole body.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// The words of each message, with who speaks.
    pub fn messages(&self) -> Vec<(String, String)> {
        let messages = self.0["messages"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        messages
            .iter()
            .map(|message| (text(&message["role"]), text(&message["content"])))
            .collect()
    }

    /// All words of it.
    pub fn text(&self) -> String {
        let contents: Vec<String> = self
            .messages()
            .into_iter()
            .map(|(_, content)| content)
            .collect();
        contents.join("\n")
    }

    /// The key that must not come out.
    #[track_caller]
    pub fn key(&self) -> String {
        let text = self.text();
        let after = text
            .split("Key of this conversation: ")
            .nth(1)
            .expect("a key");
        after.chars().take_while(char::is_ascii_lowercase).collect()
    }
}

/// A host that answers like a model's API does: lists its models, and completes as `complete` says.
#[track_caller]
pub fn connect_model(
    outside: &Outside,
    team: &Team,
    host: &str,
    complete: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
) -> ConnectionCreated {
    outside.world.host(host, move |seen| {
        if seen.url.ends_with("/v1/models") {
            return Reply::page("application/json", r#"{"object":"list","data":[]}"#);
        }
        complete(seen)
    });
    let body = json!({ "kind": "model", "url": format!("https://{host}/v1"), "secret": API_KEY });
    connect(team, &body).expect(201).json()
}

/// Turns a connected model on.
#[track_caller]
pub fn turn_on(
    team: &Team,
    site: &Site,
    connection: &ConnectionId,
    change: impl FnOnce(&mut Model),
) {
    let mut model = Model {
        provider: Provider::Connection,
        connection_id: Some(connection.clone()),
        name: "stand-in".into(),
        ..Model::default()
    };
    change(&mut model);
    let change = SiteChange {
        model: Some(model),
        ..SiteChange::default()
    };
    let _site = team.change(&site.id, &change).expect(200);
}

/// The calls of a host that asked for a completion, first to last.
pub fn asked(outside: &Outside, host: &str) -> Vec<Prompt> {
    let seen = outside.world.seen(host);
    let calls = seen
        .iter()
        .filter(|seen| seen.url.ends_with("/chat/completions"));
    calls.map(Prompt::of).collect()
}
