//! Where the visitor writes: a field that grows, Enter to send, Shift and Enter for a new line; and where an answer that
//! is being made can be stopped.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlTextAreaElement, KeyboardEvent};

use crate::{
    app::App,
    browser,
    dom::{add, button, document, element, icon, set, show},
    state::Connection,
};

const ID: &str = "text";

/// Longest message, in characters; the edge takes no longer one.
const MAX_CHARS: &str = "4000";

/// Draws the composer.
pub fn composer(app: &'static App) -> Element {
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
        set(&text, name, value);
    }
    let field: HtmlTextAreaElement = text.clone().unchecked_into();
    let typed = field.clone();
    browser::listen(&text, "input", move || app.write(typed.value()));
    browser::on(&text, "keydown", move |event: KeyboardEvent| {
        // An Enter that ends a composition belongs to the input method.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    });

    // The style sheet shows the draft once more, invisible, behind the field: so the field is as high as its text.
    let grows = element("div", "field", &[&text]);
    let press = button("send", send);
    set(&press, "aria-label", strings.send);
    add(&press, &icon("M12 19V5M5.5 11.5L12 5l6.5 6.5"));
    let stop = button("send stop", move || {
        app.stop();
        // The button goes away; whoever pressed it by keyboard must not be lost.
        focus();
    });
    set(&stop, "aria-label", strings.stop);
    add(&stop, &icon("M7.5 7.5h9v9h-9z"));
    let composer = element("form", "composer", &[&grows, &stop, &press]);
    browser::on(&composer, "submit", |event: Event| event.prevent_default());

    let form = composer.clone();
    app.follow(move |chat| {
        show(&form, !matches!(chat.connection, Connection::Refused(_)));
        set(&grows, "data-text", &chat.draft);
        // Only when it differs: the caret would jump to the end.
        if field.value() != chat.draft {
            field.set_value(&chat.draft);
        }
        let is_empty = chat.draft.trim().is_empty();
        let _ = press.toggle_attribute_with_force("disabled", is_empty);
        // One place for both, unless there is something to send.
        show(&stop, chat.is_answering());
        show(&press, !(is_empty && chat.is_answering()));
    });
    composer
}

/// Puts the focus into the field.
pub fn focus() {
    if let Some(field) = document().get_element_by_id(ID) {
        let _ = field.unchecked_into::<HtmlTextAreaElement>().focus();
    }
}
