//! What the visitor leaves for the team while nobody is there: how to be reached, and what about.

use oriel_shared::wire::visitor::Lead;

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{self, Node, button, element, words},
    state::Leaving,
};

const EMAIL: &str = "email";

/// Draws the form, hidden until it is asked for.
pub fn form(app: &'static App) -> Node {
    let strings = app.strings;
    let form = element("form", "leave", &[words("p", "", strings.leave)]);
    // The words about what is missing are ours, beside the field and announced; what counts as an address is the
    // browser's.
    form.set("novalidate", "");
    let field = |tag: &str, id: &str, label: &str, attributes: &[(&str, &str)]| {
        let field = element(tag, "", &[]);
        field.set("id", id);
        for (name, value) in attributes {
            field.set(name, value);
        }
        let name = words("label", "", label);
        name.set("for", id);
        form.add(name);
        form.add(field);
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
    wrong.set("id", "wrong");
    wrong.set("role", "alert");
    form.add(wrong);
    let message = field(
        "textarea",
        "message",
        strings.message,
        &[("rows", "3"), ("maxlength", "4000"), ("dir", "auto")],
    );
    let submit = element("button", "offer", &[]);
    let cancel = button("", strings.cancel, move || {
        app.change(|chat| chat.is_form_open = false);
        composer::focus();
    });
    form.add(element("div", "choice", &[submit, cancel]));

    form.on("submit", move |event| {
        event.prevent();
        let is_valid = email.act("checkValidity");
        email.mark("aria-invalid", !is_valid);
        wrong.say(if is_valid { "" } else { strings.email_wrong });
        if !is_valid {
            return focus();
        }
        let given = |field: Node| {
            let text = field.value().trim().to_owned();
            (!text.is_empty()).then_some(text)
        };
        app.leave(Lead {
            name: given(name),
            email: given(email),
            phone: None,
            message: given(message),
        });
    });
    let mut was_sending = false;
    app.follow(move |chat| {
        let (is_open, leaving) = (chat.is_form_open, chat.leaving());
        form.show(is_open);
        let is_sending = leaving == Leaving::Sending;
        submit.say(if is_sending {
            strings.sending
        } else {
            strings.leave_message
        });
        submit.enable(!is_sending);
        if leaving == Leaving::Refused {
            wrong.say(strings.leave_refused);
        }
        // Taken, or erased with everything else.
        if (was_sending && leaving == Leaving::Idle) || chat.is_empty() {
            wrong.say("");
            form.act("reset");
        }
        was_sending = is_sending;
    });
    form
}

/// Puts the focus where the form begins to matter, once it is shown.
pub fn focus() {
    browser::after(0, || dom::focus_by_id(EMAIL));
}
