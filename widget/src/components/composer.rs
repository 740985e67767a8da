//! Where the visitor writes, and where an answer that is being streamed can be stopped. The document draws it, and
//! `boot.ts` fits the field to its text and makes Enter submit the form; this file connects it to the chat.

use crate::{
    app::App,
    browser,
    dom::{self, find},
    state::selectors,
};

const ID: &str = "text";

/// Takes the composer over, with what is written in it.
pub fn composer(app: &'static App) {
    let (composer, text, stop) = (find("composer"), find(ID), find("stop"));
    app.chat.update(|chat| chat.draft = text.value());
    text.listen("input", move || {
        app.act(|chat| chat.write(text.value(), browser::now()));
    });
    composer.listen("submit", move || {
        app.act(|chat| chat.send(browser::message_id()));
    });
    stop.listen("click", move || {
        app.act(|chat| chat.stop_answer());
        // The button goes away; a visitor who pressed it by keyboard must not lose the focus.
        focus();
    });

    app.subscribe(move |chat| {
        composer.show(!chat.is_unavailable() && !chat.needs_prechat());
        text.set_value(&chat.draft);
        // It takes the place of the button beside it, unless there is something to send.
        stop.show(selectors::is_answering(chat));
    });
}

/// Puts the focus into the field.
pub fn focus() {
    dom::focus_by_id(ID);
}
