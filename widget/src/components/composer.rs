//! Where the visitor writes, and where an answer that is being streamed can be stopped. `boot.ts` draws the field and its
//! button, makes Enter submit the form, and goes on doing so; this file connects them to the chat.

use crate::{
    app::App,
    browser,
    dom::{self, button, find, icon},
    state::selectors,
};

const ID: &str = "text";

/// Takes the composer over, with what is written in it.
pub fn composer(app: &'static App) {
    let (composer, text) = (find("composer"), find(ID));
    app.chat.update(|chat| chat.draft = text.value());
    text.listen("input", move || {
        app.act(|chat| chat.write(text.value(), browser::now()));
    });
    composer.listen("submit", move || {
        app.act(|chat| chat.send(browser::message_id()));
    });
    let stop = button("send stop", "", move || {
        app.act(|chat| chat.stop_answer());
        // The button goes away; a visitor who pressed it by keyboard must not lose the focus.
        focus();
    });
    stop.set("aria-label", app.strings.stop());
    stop.add(icon("M7.5 7.5h9v9h-9z"));
    composer.place(stop, 1);

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
