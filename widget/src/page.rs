//! What the page around the frame wishes, and what it hears: the frame's side of the loader's `api.ts`.
//!
//! Keeps true: the page hears that something was said, by whom and when; the words only once it asked for them, and
//! only those that come from then on. All values travel as texts.

use oriel_shared::{
    digits::decimal,
    id::Seq,
    wire::visitor::{Message, Role, Status},
};
use wasm_bindgen::JsValue;

use crate::{
    app::App,
    dom,
    link::Link,
    state::{Chat, Standing},
    wire_codec::{self, Json, object},
};

/// The page wishes something. What a newer loader may say and this widget does not know is nothing.
pub fn hear(app: &'static App, kind: &str, data: &JsValue) {
    let text = data.text("text").unwrap_or_default();
    match kind {
        "ask" => app.ask(&text),
        "prefill" => app.change(|chat| chat.draft = text),
        "context" => app.place(wire_codec::page_context(data)),
        "watch" => app.is_overheard.set(true),
        "restart" => app.restart(),
        "reset" => app.log_out(),
        _ => {}
    }
}

/// Tells the page how things stand, and what is new, whenever that changes.
pub fn tell(app: &'static App, link: Link) {
    let (mut told, mut last) = (String::new(), None);
    app.follow(move |chat| {
        let now = state(chat);
        if now != told {
            link.tell(&now);
            told = now;
        }
        if chat.is_empty() {
            last = chat.is_caught_up().then(Seq::default);
        } else if chat.is_caught_up() {
            // What was there when the frame came is no news.
            for message in last.into_iter().flat_map(|last| chat.since(last)) {
                link.tell(&news(message, app.is_overheard.get()));
            }
            last = Some(chat.last());
        }
    });
}

fn state(chat: &Chat) -> String {
    let status = match chat.status {
        Status::Open => "open",
        Status::Waiting => "waiting",
        Status::Agent => "agent",
        Status::Closed => "closed",
    };
    let connection = match chat.standing {
        Standing::Connecting => "connecting",
        Standing::Online => "online",
        Standing::Reconnecting => "offline",
        Standing::Limited { .. } => "limited",
        Standing::Refused(_) => "refused",
    };
    // What comes while the chat is looked at is read in a moment.
    let is_looked_at = chat.is_shown && !dom::DOCUMENT.is_hidden();
    let n_unread = if is_looked_at { 0 } else { chat.n_unread() };
    object(&[
        ("type", "state"),
        ("unread", &decimal(n_unread as u32)),
        ("status", status),
        ("away", if chat.is_away { "1" } else { "" }),
        ("connection", connection),
    ])
}

fn news(message: &Message, with_words: bool) -> String {
    let seq = decimal(message.seq.0);
    let role = match message.role {
        Role::Visitor => "visitor",
        Role::Assistant => "assistant",
        Role::Agent => "agent",
        Role::System => "system",
    };
    let mut said = vec![
        ("type", "message"),
        ("seq", &*seq),
        ("id", &message.id),
        ("role", role),
        ("at", &message.at.0),
    ];
    if with_words {
        said.push(("text", &message.text));
    }
    object(&said)
}
