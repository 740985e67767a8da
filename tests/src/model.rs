//! A stand-in for a language model behind an OpenAI-compatible API: it speaks the protocol and says what a test wants.

use std::sync::Arc;
use std::time::Duration;

use oriel_shared::id::ConnectionId;
use oriel_shared::wire::admin::{ConnectionCreated, Site, SiteChange};
use oriel_shared::wire::site::{Answers, Model, Provider};
use oriel_shared::wire::visitor::{Message, ServerFrame};
use serde_json::{Value, json};

use crate::connections::connect;
use crate::fake_internet::{BodyEnd, BodyStream, BodyWriter, ReceivedRequest, Reply};
use crate::online_edge::OnlineEdge;
use crate::socket::Socket;
use crate::team::Team;
use crate::visitor::{ORIGIN, Visitor};

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

/// A stream that `write` makes.
pub fn stream(write: impl Fn(&mut BodyWriter<'_>) -> BodyEnd + Send + Sync + 'static) -> Reply {
    Reply::Streamed {
        media_type: "text/event-stream; charset=utf-8",
        body: BodyStream(Arc::new(write)),
    }
}

/// A whole answer, in pieces with a pause after each.
pub fn says(pieces: &[&str], pause: Duration) -> Reply {
    let pieces: Vec<String> = pieces.iter().map(|&piece| piece.to_owned()).collect();
    stream(move |line| {
        for piece in &pieces {
            if !line.say(&chunk(piece)) || line.wait(pause) {
                return BodyEnd::Cut;
            }
        }
        line.say(&end(Some((100, 20))));
        BodyEnd::Whole
    })
}

/// What was asked of a model.
#[derive(Clone, Debug)]
pub struct Prompt(Value);

impl Prompt {
    /// Reads a request.
    #[track_caller]
    pub fn of(seen: &ReceivedRequest) -> Self {
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
    online: &OnlineEdge,
    team: &Team,
    host: &str,
    complete: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
) -> ConnectionCreated {
    online.internet.host(host, move |seen| {
        if seen.url.ends_with("/v1/models") {
            return Reply::page("application/json", r#"{"object":"list","data":[]}"#);
        }
        complete(seen)
    });
    let body = json!({ "kind": "model", "url": format!("https://{host}/v1"), "secret": API_KEY });
    connect(team, &body).expect(201).json()
}

/// The calls of a host that asked for a completion, first to last.
pub fn asked(online: &OnlineEdge, host: &str) -> Vec<Prompt> {
    let seen = online.internet.seen(host);
    let calls = seen
        .iter()
        .filter(|seen| seen.url.ends_with("/chat/completions"));
    calls.map(Prompt::of).collect()
}

/// What the document of a [`ModelSite`] says.
pub const HOURS: &str =
    "# Opening hours\n\nThe boathouse opens at nine on weekdays and at ten on Sundays.\n";
/// What it answers.
pub const QUESTION: &str = "When does the boathouse open on weekdays?";

/// How a [`ModelSite`] is set.
pub struct ModelSiteSetting {
    /// Whose site it is.
    pub team: Team,
    /// What its document says.
    pub document: String,
    /// How it answers.
    pub answers: Answers,
    /// Its model; provider and connection are filled in.
    pub model: Model,
}

impl ModelSiteSetting {
    /// With time to spare.
    pub fn of(team: Team) -> Self {
        let model = Model {
            name: "stand-in".into(),
            timeout_s: 60,
            ..Model::default()
        };
        Self {
            team,
            document: HOURS.to_owned(),
            answers: Answers::default(),
            model,
        }
    }
}

/// A site whose model is a host, and somebody on it.
pub struct ModelSite<'g> {
    /// The edge.
    pub online: &'g OnlineEdge,
    /// Where the model is.
    pub host: &'static str,
    /// The way to it.
    pub connection: ConnectionId,
    /// Whose site it is.
    pub team: Team,
    /// The site.
    pub site: Site,
    /// Somebody on it.
    pub visitor: Visitor,
}

impl<'g> ModelSite<'g> {
    /// Sets it; the visitor comes when all of it is in force.
    #[track_caller]
    pub fn open(
        online: &'g OnlineEdge,
        host: &'static str,
        setting: ModelSiteSetting,
        complete: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let team = setting.team;
        let site = team.open_site("Shop", &[ORIGIN]);
        let _document = team.add_document(&site.id, "Hours", &setting.document);
        let connection = connect_model(online, &team, host, complete).connection.id;
        let change = SiteChange {
            answers: Some(setting.answers),
            model: Some(Model {
                provider: Provider::Connection,
                connection_id: Some(connection.clone()),
                ..setting.model
            }),
            ..SiteChange::default()
        };
        let _site = team.change(&site.id, &change).expect(200);
        let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
        Self {
            online,
            host,
            connection,
            team,
            site,
            visitor,
        }
    }

    /// Somebody else on the same site.
    #[track_caller]
    pub fn another_visitor(&self) -> Visitor {
        Visitor::arrive(&self.online.client(), &self.site.key, ORIGIN)
    }

    /// How often the model was asked.
    pub fn n_asked(&self) -> usize {
        asked(self.online, self.host).len()
    }
}

/// Asks what the document answers: what was shown of the answer before it was there, and the answer.
#[track_caller]
pub fn ask(socket: &mut Socket, id: &str) -> (String, Message) {
    let answer = socket.ask(id, QUESTION);
    (shown(socket, &answer.id), answer)
}

/// The words that were shown so far of the answer that has this id.
pub fn shown(socket: &mut Socket, answer_id: &str) -> String {
    let mut words = String::new();
    let next = |frame: &ServerFrame| any_delta(frame).filter(|(id, _)| id == answer_id);
    while let Ok(Some((_, text))) = socket.try_frame(Duration::from_millis(1), next) {
        words.push_str(&text);
    }
    words
}

/// The next words of an answer, and the id that it will have.
pub fn any_delta(frame: &ServerFrame) -> Option<(String, String)> {
    match frame {
        ServerFrame::Delta { id, text } => Some((id.clone(), text.clone())),
        _ => None,
    }
}

/// Whether an answer quotes the document of a [`ModelSite`].
pub fn is_from_documents(answer: &Message) -> bool {
    answer.text.starts_with("From \u{201c}Hours\u{201d}") && answer.sources.len() == 1
}
