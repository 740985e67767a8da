//! Where the visitor writes: a field that grows, Enter to send, Shift and Enter for a new line; and where an answer that
//! is being made can be stopped.

use crate::{
    app::App,
    dom::{self, button, find, icon},
    state::{Standing, trimmed},
};

const ID: &str = "text";

/// Takes the composer over, with what is written in it. `boot.ts` makes an Enter a submit.
pub fn composer(app: &'static App) {
    let strings = app.strings;
    let (composer, grows, text, press) = (find("composer"), find("field"), find(ID), find("send"));
    app.change(|chat| chat.draft = text.value());
    text.listen("input", move || app.write(text.value()));
    composer.on("submit", move |event| {
        event.prevent();
        app.send();
        focus();
    });
    let stop = button("send stop", "", move || {
        app.stop();
        // The button goes away; whoever pressed it by keyboard must not be lost.
        focus();
    });
    stop.set("aria-label", strings.stop());
    stop.add(icon("M7.5 7.5h9v9h-9z"));
    composer.place(stop, 1);

    app.follow(move |chat| {
        let is_refused = matches!(chat.standing, Standing::Refused(_));
        composer.show(!is_refused && !chat.is_asked_first());
        // The style sheet shows the draft once more, invisible, behind the field: so the field is as high as its text.
        grows.set("data-text", &chat.draft);
        text.fill(&chat.draft);
        let is_empty = trimmed(&chat.draft).is_empty();
        press.enable(!is_empty);
        // One place for both, unless there is something to send.
        stop.show(chat.is_answering());
        press.show(!(is_empty && chat.is_answering()));
    });
}

/// Puts the focus into the field.
pub fn focus() {
    dom::focus_by_id(ID);
}
