//! What a page tells of where its visitor is. It comes from scripts, and people of the team read it beside the chat.

use super::{TextError, label, link};
use crate::wire::visitor::{Fact, PageContext};

/// Of a page's title, and of what is told.
const LINE_MAX: usize = 200;
/// Of the name of what is told.
const NAME_MAX: usize = 64;
/// A handful of facts; more is a database.
const FACTS_MAX: usize = 16;

/// Returns the context as it will be kept.
///
/// # Errors
/// The field and its [`TextError`], for the first bound that is broken.
pub fn context(said: PageContext) -> Result<PageContext, (&'static str, TextError)> {
    let PageContext { page, title, facts } = said;
    let page = page.map(|page| link::web_address(&page)).transpose();
    let title = title
        .map(|title| label::label(&title, LINE_MAX))
        .transpose();
    if facts.len() > FACTS_MAX {
        let form = TextError::Form {
            expected: "a list of at most 16 facts",
        };
        return Err(("facts", form));
    }
    let facts = facts.into_iter().map(|Fact { name, value }| {
        Ok(Fact {
            name: label::label(&name, NAME_MAX)?,
            value: label::label(&value, LINE_MAX)?,
        })
    });
    Ok(PageContext {
        page: page.map_err(|error| ("page", error))?,
        title: title.map_err(|error| ("title", error))?,
        facts: facts
            .collect::<Result<_, _>>()
            .map_err(|error| ("facts", error))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(name: &str, value: &str) -> Fact {
        Fact {
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn what_is_in_bounds_is_kept_in_its_normal_form() {
        let said = PageContext {
            page: Some("HTTPS://Example.com/cart?step=2".into()),
            title: Some(" Your cart ".into()),
            facts: vec![fact("items", "3")],
        };
        let kept = PageContext {
            page: Some("https://example.com/cart?step=2".into()),
            title: Some("Your cart".into()),
            facts: vec![fact("items", "3")],
        };
        assert_eq!(context(said), Ok(kept));
        assert_eq!(context(PageContext::default()), Ok(PageContext::default()));
    }

    #[test]
    fn what_is_not_is_refused_with_its_field() {
        let facts = |facts: Vec<Fact>| PageContext {
            facts,
            ..PageContext::default()
        };
        for (said, field) in [
            (
                PageContext {
                    page: Some("javascript:alert(1)".into()),
                    ..PageContext::default()
                },
                "page",
            ),
            (
                PageContext {
                    title: Some("two\nlines".into()),
                    ..PageContext::default()
                },
                "title",
            ),
            (facts(vec![fact("", "3")]), "facts"),
            (facts(vec![fact("items", "")]), "facts"),
            (facts(vec![fact("items", "pay\u{202e}lap")]), "facts"),
            (facts(vec![fact(&"n".repeat(65), "3")]), "facts"),
            (facts(vec![fact("items", &"3".repeat(201))]), "facts"),
            (facts(vec![fact("items", "3"); 17]), "facts"),
        ] {
            let refused = context(said.clone()).map_err(|(field, _)| field);
            assert_eq!(refused, Err(field), "{said:?}");
        }
    }
}
