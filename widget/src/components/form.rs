//! What the visitor leaves for the team while nobody is there: how to be reached, and what about.

use oriel_shared::wire::visitor::Lead;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlFormElement, HtmlInputElement};

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{add, button, document, element, say, set, show, words},
    state::Leaving,
};

const EMAIL: &str = "email";

/// Draws the form, hidden until it is asked for.
pub fn form(app: &'static App) -> Element {
    let strings = app.strings;
    let form = element("form", "leave", &[&words("p", "", strings.leave)]);
    // The words about what is missing are ours, beside the field and announced; what counts as an address is the
    // browser's.
    set(&form, "novalidate", "");
    let field = |tag: &str, id: &str, label: &str, attributes: &[(&str, &str)]| {
        let field = element(tag, "", &[]);
        set(&field, "id", id);
        for (name, value) in attributes {
            set(&field, name, value);
        }
        let name = words("label", "", label);
        set(&name, "for", id);
        add(&form, &name);
        add(&form, &field);
        field
    };
    let name = field(
        "input",
        "name",
        strings.name,
        &[
            ("autocomplete", "name"),
            ("maxlength", "100"),
            ("dir", "auto"),
        ],
    );
    let email = field(
        "input",
        EMAIL,
        strings.email,
        &[
            ("type", "email"),
            ("autocomplete", "email"),
            ("dir", "ltr"),
            ("maxlength", "254"),
            ("required", ""),
            ("aria-describedby", "wrong"),
        ],
    );
    let wrong = element("p", "wrong", &[]);
    set(&wrong, "id", "wrong");
    set(&wrong, "role", "alert");
    add(&form, &wrong);
    let message = field(
        "textarea",
        "message",
        strings.message,
        &[("rows", "3"), ("maxlength", "4000"), ("dir", "auto")],
    );
    let submit = element("button", "offer", &[]);
    let cancel = button("", move || {
        app.change(|chat| chat.is_form_open = false);
        composer::focus();
    });
    say(&cancel, strings.cancel);
    add(&form, &element("div", "choice", &[&submit, &cancel]));

    let value = |field: &Element| field.unchecked_ref::<HtmlInputElement>().value();
    let (address, told) = (email.clone(), wrong.clone());
    browser::on(&form, "submit", move |event: Event| {
        event.prevent_default();
        let is_valid = address.unchecked_ref::<HtmlInputElement>().check_validity();
        set(
            &address,
            "aria-invalid",
            if is_valid { "false" } else { "true" },
        );
        say(&told, if is_valid { "" } else { strings.email_wrong });
        if !is_valid {
            return focus();
        }
        let given = |field: &Element| {
            let text = value(field).trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        app.leave(Lead {
            name: given(&name),
            email: given(&address),
            phone: None,
            message: given(&message),
        });
    });
    let shown = form.clone();
    let mut was_sending = false;
    app.follow(move |chat| {
        let (is_open, leaving) = (chat.is_form_open, chat.leaving());
        show(&shown, is_open);
        let is_sending = leaving == Leaving::Sending;
        say(
            &submit,
            if is_sending {
                strings.sending
            } else {
                strings.leave_message
            },
        );
        let _ = submit.toggle_attribute_with_force("disabled", is_sending);
        if leaving == Leaving::Refused {
            say(&wrong, strings.leave_refused);
        }
        // Taken, or erased with everything else.
        if (was_sending && leaving == Leaving::Idle) || chat.is_empty() {
            say(&wrong, "");
            shown.unchecked_ref::<HtmlFormElement>().reset();
        }
        was_sending = is_sending;
    });
    form
}

/// Puts the focus where the form begins to matter, once it is shown.
pub fn focus() {
    browser::after(0, || {
        if let Some(field) = document().get_element_by_id(EMAIL) {
            let _ = field.unchecked_into::<HtmlElement>().focus();
        }
    });
}
