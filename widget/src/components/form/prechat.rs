//! What a site asks before the first message.

use std::rc::Rc;

use oriel_shared::wire::theme::{Prechat, PrechatName};

use super::{
    super::composer,
    fields::{Form, Kind},
};
use crate::{
    app::App,
    browser,
    dom::{self, Node, with_text},
    state::lead::LeadState,
};

const NAME: &str = "first";

/// Draws the form, hidden until it is known that the chat is empty.
pub fn prechat(app: &'static App, asked: &'static Prechat) -> Node {
    let strings = app.strings;
    let mut form = Form::new(app, NAME, "");
    for field in &asked.fields {
        let (kind, label) = match field.name {
            PrechatName::Name => (Kind::Name, strings.name()),
            PrechatName::Email => (Kind::Email, strings.email()),
            PrechatName::Phone => (Kind::Phone, strings.phone()),
            PrechatName::Company => (Kind::Company, strings.company()),
        };
        form.ask(
            kind,
            field.label.as_deref().unwrap_or(label),
            field.required,
        );
    }
    if let Some(consent) = &asked.consent {
        form.ask(Kind::Consent, consent, true);
    }
    let submit = with_text("button", "offer", strings.begin());
    form.end(&[submit]);
    let whole = form.element;
    let form = Rc::new(form);
    let filled = form.clone();
    whole.on("submit", move |event| {
        event.prevent();
        if let Some(lead) = filled.filled_in() {
            app.act(|chat| chat.lead.submit_prechat(lead));
            composer::focus();
        }
    });
    let (mut was_shown, mut is_known) = (false, false);
    app.subscribe(move |chat| {
        let is_caught_up = chat.is_caught_up();
        let is_shown = is_caught_up && chat.needs_prechat();
        // The visitor may be elsewhere by now, also when the panel is open: then the focus stays where it is.
        let takes_focus = chat.is_panel_open && dom::DOCUMENT.act("hasFocus");
        // A visitor who has filled it in before writes at once.
        if is_caught_up && !std::mem::replace(&mut is_known, true) && !is_shown && takes_focus {
            browser::after(0, composer::focus);
        }
        whole.show(is_shown);
        if is_shown && chat.lead.state() == LeadState::Refused {
            form.wrong.set_text(strings.lead_refused());
        }
        // The composer, where the focus was, is hidden.
        if is_shown && !was_shown && takes_focus {
            focus_prechat();
        }
        was_shown = is_shown;
    });
    whole
}

/// Puts the focus into the first field of the form, if it is shown.
pub fn focus_prechat() {
    dom::focus_by_id(NAME);
}
