//! Where the visitor writes: a field that grows, Enter to send, Shift and Enter for a new line; and where an answer that
//! is being made can be stopped.

use crate::{
    app::App,
    dom::{self, Node, button, element, icon},
    state::Connection,
};

const ID: &str = "text";

/// Longest message, in characters; the edge takes no longer one.
const MAX_CHARS: &str = "4000";

/// Draws the composer.
pub fn composer(app: &'static App) -> Node {
    let strings = app.strings;
    let send = move || {
        app.send();
        focus();
    };

    let text = element("textarea", "", &[]);
    for (name, value) in [
        ("id", ID),
        ("rows", "1"),
        ("maxlength", MAX_CHARS),
        ("dir", "auto"),
        ("enterkeyhint", "send"),
        ("aria-label", strings.write),
        ("placeholder", strings.write),
    ] {
        text.set(name, value);
    }
    text.listen("input", move || app.write(text.value()));
    text.on("keydown", move |event| {
        // An Enter that ends a composition belongs to the input method.
        if event.key() == "Enter" && !event.is("shiftKey") && !event.is("isComposing") {
            event.prevent();
            send();
        }
    });

    // The style sheet shows the draft once more, invisible, behind the field: so the field is as high as its text.
    let grows = element("div", "field", &[text]);
    let press = button("send", "", send);
    press.set("aria-label", strings.send);
    press.add(icon("M12 19V5M5.5 11.5L12 5l6.5 6.5"));
    let stop = button("send stop", "", move || {
        app.stop();
        // The button goes away; whoever pressed it by keyboard must not be lost.
        focus();
    });
    stop.set("aria-label", strings.stop);
    stop.add(icon("M7.5 7.5h9v9h-9z"));
    let composer = element("form", "composer", &[grows, stop, press]);
    composer.on("submit", |event| event.prevent());

    app.follow(move |chat| {
        composer.show(!matches!(chat.connection, Connection::Refused(_)));
        grows.set("data-text", &chat.draft);
        text.fill(&chat.draft);
        let is_empty = chat.draft.trim().is_empty();
        press.enable(!is_empty);
        // One place for both, unless there is something to send.
        stop.show(chat.is_answering());
        press.show(!(is_empty && chat.is_answering()));
    });
    composer
}

/// Puts the focus into the field.
pub fn focus() {
    dom::focus_by_id(ID);
}
