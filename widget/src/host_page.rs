//! Calls of the page around the iframe, and the events that it gets: the iframe's side of the loader's `api.ts`.
//!
//! Keeps true: the page learns that a message came, whose and when; the text only once it asked for texts, and only of
//! messages that come from then on. All values travel as texts.

use oriel_shared::{
    digits::decimal,
    id::Seq,
    wire::visitor::{Message, Role, Status},
};
use wasm_bindgen::JsValue;

use crate::{
    app::App,
    browser, dom,
    loader_channel::LoaderChannel,
    state::{Chat, ConnectionState, selectors},
    wire_codec::{Json, json::object, site},
};

/// The page calls for something. A kind that a newer loader sends and this widget does not know is ignored.
pub fn on_call(app: &'static App, kind: &str, data: &JsValue) {
    let text = data.text("text").unwrap_or_default();
    match kind {
        "ask" => app.act(|chat| chat.ask(browser::message_id(), &text)),
        "prefill" => app.chat.update(|chat| chat.draft = text),
        "context" => app.act(|chat| chat.set_context(site::page_context(data))),
        "watch" => app.page_gets_text.set(true),
        "restart" => app.restart(),
        "reset" => app.log_out(),
        _ => {}
    }
}

/// Tells the page of the chat's state and of new messages, whenever they change.
pub fn inform(app: &'static App, loader: LoaderChannel) {
    let (mut sent, mut last) = (String::new(), None);
    app.subscribe(move |chat| {
        let now = state(chat);
        if now != sent {
            loader.post(&now);
            sent = now;
        }
        if chat.is_empty() {
            last = chat.is_caught_up().then(Seq::default);
        } else if chat.is_caught_up() {
            // What was there when the iframe came is not new.
            for message in last.into_iter().flat_map(|last| chat.log.after(last)) {
                loader.post(&new_message(message, app.page_gets_text.get()));
            }
            last = Some(chat.log.last_unbroken());
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
    let connection = match chat.connection {
        ConnectionState::Connecting => "connecting",
        ConnectionState::Online => "online",
        ConnectionState::Reconnecting => "offline",
        ConnectionState::RateLimited { .. } => "limited",
        ConnectionState::Unavailable(_) => "refused",
    };
    // What comes while the chat is in sight is read in a moment.
    let is_in_sight = chat.is_panel_open && !dom::DOCUMENT.is_hidden();
    let n_unread = if is_in_sight {
        0
    } else {
        selectors::n_unread(chat)
    };
    object(&[
        ("type", "state"),
        ("unread", &decimal(n_unread as u32)),
        ("status", status),
        ("away", if chat.is_team_away { "1" } else { "" }),
        ("connection", connection),
    ])
}

fn new_message(message: &Message, with_text: bool) -> String {
    let seq = decimal(message.seq.0);
    let role = match message.role {
        Role::Visitor => "visitor",
        Role::Assistant => "assistant",
        Role::Agent => "agent",
        Role::System => "system",
    };
    let mut fields = vec![
        ("type", "message"),
        ("seq", &*seq),
        ("id", &message.id),
        ("role", role),
        ("at", &message.at.0),
    ];
    if with_text {
        fields.push(("text", &message.text));
    }
    object(&fields)
}
