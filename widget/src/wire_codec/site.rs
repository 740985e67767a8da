//! What the frame document says about its site, and what the host page says: the theme and where the visitor is.

use oriel_shared::wire::{
    embed::FrameSite,
    theme::{Prechat, PrechatField, PrechatName, Scheme, Theme},
    visitor::{Fact, PageContext},
};

use super::json::{Json, all, is_true, text};

/// What the frame document says about its site.
pub fn frame_site(json: &impl Json) -> FrameSite {
    FrameSite {
        key: text(json, "key"),
        suggestions: json.texts("suggestions"),
        prechat: prechat(&json.get("prechat")),
        embedders: json.texts("embedders"),
    }
}

/// The theme that the page's attributes ask for, as the loader passes it on.
pub fn theme(json: &impl Json) -> Theme {
    Theme {
        accent: json.text("accent"),
        scheme: match &*text(json, "scheme") {
            "auto" => Some(Scheme::Auto),
            "light" => Some(Scheme::Light),
            "dark" => Some(Scheme::Dark),
            _ => None,
        },
        radius: json.number("radius").map(|radius| radius as u16),
        // The launcher and the place of the panel are the loader's.
        position: None,
        offset: None,
        launcher: None,
    }
}

/// Where the visitor is, as the page says.
pub fn page_context(json: &impl Json) -> PageContext {
    let fact = |fact: &_| {
        Some(Fact {
            name: text(fact, "name"),
            value: text(fact, "value"),
        })
    };
    PageContext {
        page: json.text("page"),
        title: json.text("title"),
        facts: all(&json.get("facts"), fact),
    }
}

/// The form before the first message; fields that this widget does not know are left out.
fn prechat(json: &impl Json) -> Option<Prechat> {
    let form = Prechat {
        fields: all(&json.get("fields"), prechat_field),
        consent: json.text("consent"),
    };
    (!form.fields.is_empty() || form.consent.is_some()).then_some(form)
}

fn prechat_field(json: &impl Json) -> Option<PrechatField> {
    Some(PrechatField {
        name: match &*text(json, "name") {
            "name" => PrechatName::Name,
            "email" => PrechatName::Email,
            "phone" => PrechatName::Phone,
            "company" => PrechatName::Company,
            _ => return None,
        },
        label: json.text("label"),
        required: is_true(json, "required"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::to_value;

    use super::*;

    /// Every variant is in the arrays below: a new one does not compile here.
    const fn place(name: PrechatName) -> usize {
        match name {
            PrechatName::Name => 0,
            PrechatName::Email => 1,
            PrechatName::Phone => 2,
            PrechatName::Company => 3,
        }
    }

    #[test]
    fn the_site_is_read_from_its_document() {
        let names = [
            PrechatName::Name,
            PrechatName::Email,
            PrechatName::Phone,
            PrechatName::Company,
        ];
        assert!(names.iter().map(|name| place(*name)).eq(0..names.len()));
        let site = FrameSite {
            key: "pk_x".to_owned(),
            suggestions: vec!["Where is my tea?".to_owned()],
            prechat: Some(Prechat {
                fields: names
                    .map(|name| PrechatField {
                        name,
                        label: Some("What?".to_owned()),
                        required: name == PrechatName::Email,
                    })
                    .to_vec(),
                consent: Some("I agree.".to_owned()),
            }),
            embedders: vec![
                "https://example.com".to_owned(),
                "https://*.example.com".to_owned(),
            ],
        };
        assert_eq!(
            frame_site(&to_value(&site).expect("the wire's own types are JSON")),
            site
        );
    }

    #[test]
    fn the_pages_theme_is_read_as_the_wire_writes_it() {
        for scheme in [
            None,
            Some(Scheme::Auto),
            Some(Scheme::Light),
            Some(Scheme::Dark),
        ] {
            let asked = Theme {
                accent: Some("#102060".to_owned()),
                scheme,
                radius: Some(4),
                ..Theme::default()
            };
            let json = to_value(&asked).expect("the wire's own types are JSON");
            assert_eq!(theme(&json), asked);
        }
    }

    #[test]
    fn the_pages_context_is_read_as_the_wire_writes_it() {
        let context = PageContext {
            page: Some("https://example.com/".to_owned()),
            title: Some("Your cart".to_owned()),
            facts: vec![Fact {
                name: "items".to_owned(),
                value: "3".to_owned(),
            }],
        };
        for context in [context, PageContext::default()] {
            let json = to_value(&context).expect("the wire's own types are JSON");
            assert_eq!(page_context(&json), context);
        }
    }
}
