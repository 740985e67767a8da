//! A form: its fields, what is wrong with them, and the lead that they make.

use oriel_shared::wire::visitor::Lead;

use crate::{
    app::App,
    dom::{Node, element, with_text},
    state::trimmed,
    strings::Strings,
};

/// What a field asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Name,
    Email,
    Phone,
    Company,
    Message,
    Consent,
}

impl Kind {
    /// The id of its field in the form of this name.
    pub fn id(self, form: &str) -> String {
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
pub struct Form {
    /// The element around all fields.
    pub element: Node,
    name: &'static str,
    strings: &'static Strings,
    fields: Vec<Field>,
    /// What is wrong with the whole.
    pub wrong: Node,
}

impl Form {
    /// An empty form. `name` is the prefix of its ids, `opening` is the text above the fields.
    pub fn new(app: &App, name: &'static str, opening: &str) -> Self {
        let element = element("form", "leave", &[with_text("p", "", opening)]);
        // The words about what is missing are ours, beside the field and announced; the browser decides what is an
        // address.
        element.set("novalidate", "");
        Self {
            element,
            name,
            strings: app.strings,
            fields: Vec::new(),
            wrong: alert(),
        }
    }

    /// Adds a field.
    pub fn ask(&mut self, kind: Kind, label: &'static str, is_required: bool) {
        // The first has the name of the form for its id: it is where the focus goes.
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
            with_text("label", "", label)
        } else {
            with_text("label", "", &[label, " ", self.strings.optional()].concat())
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
    pub fn end(&self, buttons: &[Node]) {
        self.element.add(self.wrong);
        self.element.add(element("div", "choice", buttons));
    }

    /// What was filled in, if all of it is valid. Otherwise each invalid field says what is wrong, and the first one
    /// gets the focus.
    pub fn filled_in(&self) -> Option<Lead> {
        self.wrong.set_text("");
        let mut first = None;
        for field in &self.fields {
            let is_good = field.input.act("checkValidity");
            field.input.mark("aria-invalid", !is_good);
            field.wrong.set_text(match field.kind {
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

    /// Empties the form.
    pub fn clear(&self) {
        self.wrong.set_text("");
        self.element.act("reset");
    }
}

fn alert() -> Node {
    let wrong = element("p", "wrong", &[]);
    wrong.set("role", "alert");
    wrong
}
