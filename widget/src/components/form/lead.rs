//! The form for a message to the team.

use std::rc::Rc;

use super::{
    super::composer,
    fields::{Form, Kind},
};
use crate::{
    app::App,
    browser,
    dom::{self, Node, button, element},
    state::lead::LeadState,
};

const NAME: &str = "";

/// Draws it, hidden until the visitor opens it.
pub fn lead(app: &'static App) -> Node {
    let strings = app.strings;
    let mut form = Form::new(app, NAME, strings.lead_intro());
    form.ask(Kind::Name, strings.name(), false);
    form.ask(Kind::Email, strings.email(), true);
    form.ask(Kind::Message, strings.message(), false);
    let submit = element("button", "offer", &[]);
    let cancel = button("", strings.cancel(), move || {
        app.chat.update(|chat| chat.lead.is_open = false);
        composer::focus();
    });
    form.end(&[submit, cancel]);
    let whole = form.element;
    let form = Rc::new(form);
    let filled = form.clone();
    whole.on("submit", move |event| {
        event.prevent();
        if let Some(lead) = filled.filled_in() {
            app.act(|chat| chat.lead.send(lead));
        }
    });
    let mut was_sending = false;
    app.subscribe(move |chat| {
        let state = chat.lead.state();
        whole.show(chat.lead.is_open);
        let is_sending = state == LeadState::Sending;
        submit.set_text(if is_sending {
            strings.sending()
        } else {
            strings.lead_send()
        });
        submit.enable(!is_sending);
        if state == LeadState::Refused {
            form.wrong.set_text(strings.lead_refused());
        }
        // It has arrived, or everything was erased.
        if (was_sending && state == LeadState::Idle) || chat.is_empty() {
            form.clear();
        }
        was_sending = is_sending;
    });
    whole
}

/// Puts the focus into the first field that has to be filled in, once the form is shown.
pub fn focus_lead() {
    browser::after(0, || dom::focus_by_id(&Kind::Email.id(NAME)));
}
