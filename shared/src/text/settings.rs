//! The settings of a site, as the team changes them.

use super::TextError;
use super::label::{NAME_MAX, SENTENCE_MAX, label};
use crate::origin::{self, EntryError};
use crate::token::visitor::LONGEST_LIFE_SECS;
use crate::wire::admin::{Site, SiteChange};

/// Entries of a safelist at the most: the list travels in a header with every frame.
const SAFELIST_MAX: usize = 50;

/// A setting that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The field, with the place in it for lists: `safelist[2]`.
    pub field: String,
    /// Why.
    pub why: Why,
}

/// Why a setting was refused, as the end of a sentence that begins with the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// A text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// An entry of the safelist.
    #[error("is refused: {0}")]
    Entry(#[from] EntryError),
    /// Too many entries.
    #[error("must have at most {max} entries")]
    Entries {
        /// The bound.
        max: usize,
    },
    /// A number out of its bounds.
    #[error("must be 1 to {max}")]
    Count {
        /// The bound.
        max: u32,
    },
    /// A life that is no life.
    #[error("must be 1 to {max} seconds")]
    Seconds {
        /// The bound.
        max: u32,
    },
}

/// Applies a change, field by field; the first field that is refused refuses all.
///
/// # Errors
/// [`Refused`] with the field's name. The site may then hold a part of the change, and must not be stored.
pub fn apply(site: &mut Site, change: SiteChange) -> Result<(), Refused> {
    let refused = |field: &str, why: Why| Refused {
        field: field.to_owned(),
        why,
    };
    let text =
        |field, text: &str, max| label(text, max).map_err(|error| refused(field, error.into()));
    if let Some(name) = change.name {
        site.name = text("name", &name, NAME_MAX)?;
    }
    if let Some(mode) = change.mode {
        site.mode = mode;
    }
    if let Some(entries) = change.safelist {
        site.safelist = safelist(&entries)?;
    }
    if let Some(seconds) = change.token_ttl_max {
        if !(1..=LONGEST_LIFE_SECS).contains(&seconds) {
            let max = LONGEST_LIFE_SECS;
            return Err(refused("token_ttl_max", Why::Seconds { max }));
        }
        site.token_ttl_max = seconds;
    }
    if let Some(limits) = change.limits {
        site.limits.apply(&limits);
        if let Some((name, max)) = site.limits.first_fault() {
            return Err(refused(&format!("limits.{name}"), Why::Count { max }));
        }
    }
    if let Some(greeting) = change.greeting {
        site.greeting = text("greeting", &greeting, SENTENCE_MAX)?;
    }
    if let Some(disclosure) = change.disclosure {
        site.disclosure = text("disclosure", &disclosure, SENTENCE_MAX)?;
    }
    if let Some(enabled) = change.enabled {
        site.enabled = enabled;
    }
    Ok(())
}

/// A safelist in its normal form, without repetitions.
fn safelist(entries: &[String]) -> Result<Vec<String>, Refused> {
    if entries.len() > SAFELIST_MAX {
        return Err(Refused {
            field: "safelist".to_owned(),
            why: Why::Entries { max: SAFELIST_MAX },
        });
    }
    let mut patterns: Vec<String> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let pattern = origin::parse_entry(entry).map_err(|error| Refused {
            field: format!("safelist[{at}]"),
            why: error.into(),
        })?;
        if !patterns.iter().any(|known| known == pattern.as_str()) {
            patterns.push(pattern.as_str().to_owned());
        }
    }
    Ok(patterns)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::id::{SiteId, UnixMs};
    use crate::wire::admin::{Limits, Mode};

    fn site() -> Site {
        Site {
            id: SiteId::from_random([1; 16]),
            key: "pk_1".into(),
            name: "Shop".into(),
            mode: Mode::Safelist,
            safelist: Vec::new(),
            enabled: false,
            token_ttl_max: 300,
            limits: Limits::DEFAULT,
            greeting: "Hello".into(),
            disclosure: "A machine answers".into(),
            created_at: UnixMs(0).rfc3339(),
        }
    }

    fn changed(change: Value) -> Result<Site, Refused> {
        let mut site = site();
        apply(&mut site, serde_json::from_value(change).expect("a change")).map(|()| site)
    }

    #[test]
    fn absent_fields_keep_their_value() {
        assert_eq!(changed(json!({})), Ok(site()));
    }

    #[test]
    fn a_setting_is_kept_in_its_normal_form() {
        let site = changed(json!({
            "name": " Cafe\u{301} ", "mode": "signed", "enabled": true, "token_ttl_max": 86_400,
            "safelist": ["Example.com", "https://example.com:443", "*.Example.com"],
        }))
        .expect("accepted");
        assert_eq!(site.name, "Café");
        assert_eq!((site.mode, site.enabled), (Mode::Signed, true));
        assert_eq!(
            site.safelist,
            ["https://example.com", "https://*.example.com"]
        );
    }

    #[test]
    fn a_setting_that_is_refused_is_named() {
        for (change, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": "x".repeat(81)}), "name"),
            (json!({"name": "pay\u{202e}lap"}), "name"),
            (json!({"greeting": "a\u{200b}b"}), "greeting"),
            (json!({"disclosure": "x".repeat(401)}), "disclosure"),
            (json!({"token_ttl_max": 0}), "token_ttl_max"),
            (json!({"token_ttl_max": 86_401}), "token_ttl_max"),
            (
                json!({"limits": {"message_burst": 0}}),
                "limits.message_burst",
            ),
            (
                json!({"limits": {"tickets_per_minute": 60_001}}),
                "limits.tickets_per_minute",
            ),
            (
                json!({"safelist": ["a.example", "javascript:alert(1)"]}),
                "safelist[1]",
            ),
            (json!({"safelist": vec!["a.example"; 51]}), "safelist"),
        ] {
            assert_eq!(
                changed(change.clone()).map_err(|refused| refused.field),
                Err(field.to_owned()),
                "{change}"
            );
        }
    }
}
