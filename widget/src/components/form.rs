//! Forms: what the visitor leaves for the team while nobody is there, and what a site asks before the first message. Both
//! end as what is left for the team.

use std::rc::Rc;

use oriel_shared::wire::{
    theme::{Prechat, PrechatName},
    visitor::Lead,
};

use super::composer;
use crate::{
    app::App,
    browser,
    dom::{self, Node, button, element, words},
    state::{Leaving, trimmed},
    strings::Strings,
};

/// What a field asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Email,
    Phone,
    Company,
    Message,
    Consent,
}

impl Kind {
    /// The id of its field in the form of this name.
    fn id(self, form: &str) -> String {
        let kind = match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Company => "company",
            Self::Message => "message",
            Self::Consent => "consent",
        };
        [form, kind].concat()
    }

    fn attributes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Name => &[
                ("autocomplete", "name"),
                ("maxlength", "100"),
                ("dir", "auto"),
            ],
            Self::Email => &[
                ("type", "email"),
                ("autocomplete", "email"),
                ("maxlength", "254"),
                ("dir", "ltr"),
            ],
            Self::Phone => &[
                ("type", "tel"),
                ("autocomplete", "tel"),
                ("maxlength", "40"),
                ("dir", "ltr"),
            ],
            Self::Company => &[
                ("autocomplete", "organization"),
                ("maxlength", "100"),
                ("dir", "auto"),
            ],
            Self::Message => &[("rows", "3"), ("maxlength", "4000"), ("dir", "auto")],
            Self::Consent => &[("type", "checkbox")],
        }
    }
}

/// One field, and what is wrong with it.
struct Field {
    kind: Kind,
    input: Node,
    wrong: Node,
    label: &'static str,
}

/// A form.
struct Form {
    element: Node,
    name: &'static str,
    strings: &'static Strings,
    fields: Vec<Field>,
    /// What is wrong with the whole.
    wrong: Node,
}

impl Form {
    fn new(app: &App, name: &'static str, opening: &str) -> Self {
        let element = element("form", "leave", &[words("p", "", opening)]);
        // The words about what is missing are ours, beside the field and announced; what counts as an address is the
        // browser's.
        element.set("novalidate", "");
        Self {
            element,
            name,
            strings: app.strings,
            fields: Vec::new(),
            wrong: alert(),
        }
    }

    fn ask(&mut self, kind: Kind, label: &'static str, is_required: bool) {
        // The first has the name of the form, to be found by.
        let id = if self.fields.is_empty() && !self.name.is_empty() {
            self.name.to_owned()
        } else {
            kind.id(self.name)
        };
        let tag = if kind == Kind::Message {
            "textarea"
        } else {
            "input"
        };
        let input = element(tag, "", &[]);
        input.set("id", &id);
        for (name, value) in kind.attributes() {
            input.set(name, value);
        }
        let name = if is_required {
            words("label", "", label)
        } else {
            words("label", "", &[label, " ", self.strings.optional()].concat())
        };
        name.set("for", &id);
        let wrong = alert();
        let about = [&*id, "-wrong"].concat();
        wrong.set("id", &about);
        if is_required {
            input.set("required", "");
            input.set("aria-describedby", &about);
        }
        if kind == Kind::Consent {
            self.element.add(element("div", "consent", &[input, name]));
        } else {
            self.element.add(name);
            self.element.add(input);
        }
        self.element.add(wrong);
        self.fields.push(Field {
            kind,
            input,
            wrong,
            label,
        });
    }

    /// Ends the form with its buttons.
    fn end(&self, buttons: &[Node]) {
        self.element.add(self.wrong);
        self.element.add(element("div", "choice", buttons));
    }

    /// What was filled in, if all of it is good. Otherwise what is wrong is said, and the first such field has the focus.
    fn filled_in(&self) -> Option<Lead> {
        self.wrong.say("");
        let mut first = None;
        for field in &self.fields {
            let is_good = field.input.act("checkValidity");
            field.input.mark("aria-invalid", !is_good);
            field.wrong.say(match field.kind {
                _ if is_good => "",
                Kind::Email => self.strings.email_wrong(),
                _ => self.strings.missing(),
            });
            if !is_good {
                first = first.or(Some(field.input));
            }
        }
        if let Some(first) = first {
            first.focus();
            return None;
        }
        let mut lead = Lead::default();
        for field in &self.fields {
            let text = trimmed(&field.input.value()).to_owned();
            if text.is_empty() {
                continue;
            }
            match field.kind {
                Kind::Name => lead.name = Some(text),
                Kind::Email => lead.email = Some(text),
                Kind::Phone => lead.phone = Some(text),
                Kind::Company => lead.message = Some([field.label, ": ", &text].concat()),
                Kind::Message => lead.message = Some(text),
                Kind::Consent => {}
            }
        }
        Some(lead)
    }

    /// As if nothing had been filled in.
    fn clear(&self) {
        self.wrong.say("");
        self.element.act("reset");
    }
}

fn alert() -> Node {
    let wrong = element("p", "wrong", &[]);
    wrong.set("role", "alert");
    wrong
}

/// Draws the form for word to the team, hidden until it is asked for.
pub fn form(app: &'static App) -> Node {
    let strings = app.strings;
    let mut form = Form::new(app, LEAVE, strings.leave());
    form.ask(Kind::Name, strings.name(), false);
    form.ask(Kind::Email, strings.email(), true);
    form.ask(Kind::Message, strings.message(), false);
    let submit = element("button", "offer", &[]);
    let cancel = button("", strings.cancel(), move || {
        app.change(|chat| chat.is_form_open = false);
        composer::focus();
    });
    form.end(&[submit, cancel]);
    let whole = form.element;
    let form = Rc::new(form);
    let filled = form.clone();
    whole.on("submit", move |event| {
        event.prevent();
        if let Some(lead) = filled.filled_in() {
            app.leave(lead);
        }
    });
    let mut was_sending = false;
    app.follow(move |chat| {
        let (is_open, leaving) = (chat.is_form_open, chat.leaving());
        whole.show(is_open);
        let is_sending = leaving == Leaving::Sending;
        submit.say(if is_sending {
            strings.sending()
        } else {
            strings.leave_message()
        });
        submit.enable(!is_sending);
        if leaving == Leaving::Refused {
            form.wrong.say(strings.leave_refused());
        }
        // Taken, or erased with everything else.
        if (was_sending && leaving == Leaving::Idle) || chat.is_empty() {
            form.clear();
        }
        was_sending = is_sending;
    });
    whole
}

const LEAVE: &str = "";
const FIRST: &str = "first";

/// Puts the focus where the form for word to the team begins to matter, once it is shown.
pub fn focus() {
    browser::after(0, || dom::focus_by_id(&Kind::Email.id(LEAVE)));
}

/// Draws what the site asks before the first message.
pub fn first(app: &'static App, asked: &'static Prechat) -> Node {
    let strings = app.strings;
    let mut form = Form::new(app, FIRST, "");
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
    let submit = words("button", "offer", strings.begin());
    form.end(&[submit]);
    let whole = form.element;
    let form = Rc::new(form);
    let filled = form.clone();
    whole.on("submit", move |event| {
        event.prevent();
        if let Some(lead) = filled.filled_in() {
            app.introduce(lead);
            composer::focus();
        }
    });
    let (mut was_shown, mut is_known) = (false, false);
    app.follow(move |chat| {
        let is_shown = chat.is_asked_first() && chat.is_caught_up();
        // Whoever has answered before writes at once.
        if chat.is_caught_up()
            && !std::mem::replace(&mut is_known, true)
            && !is_shown
            && chat.is_shown
        {
            browser::after(0, composer::focus);
        }
        whole.show(is_shown);
        if is_shown && chat.leaving() == Leaving::Refused {
            form.wrong.say(strings.leave_refused());
        }
        // The field, where the focus was, is not there.
        if is_shown && !was_shown && chat.is_shown {
            focus_first();
        }
        was_shown = is_shown;
    });
    whole
}

/// Puts the focus into what the site asks before the first message, if it is shown.
pub fn focus_first() {
    dom::focus_by_id(FIRST);
}
