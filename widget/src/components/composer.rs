//! Where the visitor writes: a field that grows, Enter to send, Shift and Enter for a new line.

use reactive_graph::traits::{Set, With};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlTextAreaElement, KeyboardEvent};

use crate::{
    app::App,
    browser,
    dom::{add, button, document, element, follow, icon, on, set, show},
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
    browser::listen(&text, "input", move || app.draft.set(typed.value()));
    on(&text, "keydown", move |event: KeyboardEvent| {
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
    let composer = element("form", "composer", &[&grows, &press]);
    on(&composer, "submit", |event: Event| event.prevent_default());

    let form = composer.clone();
    follow(move || {
        app.draft.with(|draft| {
            set(&grows, "data-text", draft);
            // Only when it differs: the caret would jump to the end.
            if field.value() != *draft {
                field.set_value(draft);
            }
            let _ = press.toggle_attribute_with_force("disabled", draft.trim().is_empty());
        });
    });
    follow(move || {
        show(
            &form,
            !app.chat
                .with(|chat| matches!(chat.connection, Connection::Refused(_))),
        )
    });
    composer
}

/// Puts the focus into the field.
pub fn focus() {
    if let Some(field) = document().get_element_by_id(ID) {
        let _ = field.unchecked_into::<HtmlTextAreaElement>().focus();
    }
}
