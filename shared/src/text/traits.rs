//! Traits: the few facts that a customer's backend tells about a visitor beside the name.

use serde_json::{Map, Value};

use super::{TextError, unicode};

/// All traits together, as JSON. A token travels with every ticket.
pub const TRAITS_MAX_BYTES: usize = 2 * 1024;
/// A page of facts; more is a database.
const TRAITS_MAX: usize = 32;
/// Of a trait's name.
const KEY_MAX: usize = 64;
/// Of a trait that is a text.
const VALUE_MAX: usize = 512;

/// Checks traits: one level of names with texts, numbers, true, false or null.
///
/// Texts are one line each, and none that hides or reorders: people of the team will read them beside the chat.
///
/// # Errors
/// [`TextError`] for the first bound that is broken.
pub fn check(traits: &Map<String, Value>) -> Result<(), TextError> {
    let is_long = traits.len() > TRAITS_MAX
        || serde_json::to_vec(traits).map_or(true, |json| json.len() > TRAITS_MAX_BYTES);
    if is_long {
        return Err(TextError::Form {
            expected: "an object of at most 32 members and 2 KiB",
        });
    }
    for (key, value) in traits {
        let is_key = (1..=KEY_MAX).contains(&key.len())
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        if !is_key {
            return Err(TextError::Form {
                expected: "an object with names of 1 to 64 letters, digits, `_`, `-` or `.`",
            });
        }
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) if text.chars().nth(VALUE_MAX).is_some() => {
                return Err(TextError::TooLong { max: VALUE_MAX });
            }
            Value::String(text) => unicode::check_line(text)?,
            Value::Array(_) | Value::Object(_) => {
                return Err(TextError::Form {
                    expected: "an object without lists or objects in it",
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(traits: &Value) -> Result<(), TextError> {
        check(traits.as_object().expect("an object"))
    }

    #[test]
    fn facts_of_one_level_pass() {
        assert_eq!(checked(&json!({})), Ok(()));
        assert_eq!(
            checked(
                &json!({"plan": "Größe L", "seats": 3, "rate": 0.5, "is_admin": false, "note": "", "since": null})
            ),
            Ok(())
        );
    }

    #[test]
    fn traits_are_bounded_in_every_direction() {
        let many: Map<_, _> = (0..=TRAITS_MAX)
            .map(|n| (format!("k{n}"), json!(n)))
            .collect();
        for traits in [
            json!({"nested": {"a": 1}}),
            json!({"list": [1]}),
            json!({"": 1}),
            json!({"a b": 1}),
            json!({"é": 1}),
            json!({"__proto__\u{0}": 1}),
            json!({"k".repeat(65): 1}),
            Value::Object(many),
            json!({"a": "x".repeat(500), "b": "x".repeat(500), "c": "x".repeat(500), "d": "x".repeat(500), "e": "x".repeat(100)}),
        ] {
            assert!(
                matches!(checked(&traits), Err(TextError::Form { .. })),
                "{traits}"
            );
        }
        assert_eq!(
            checked(&json!({"a": "x".repeat(513)})),
            Err(TextError::TooLong { max: VALUE_MAX })
        );
        for text in ["two\nlines", "\u{202e}x", "a\u{200b}b", "nul\0"] {
            assert_eq!(
                checked(&json!({"a": text})),
                Err(TextError::Unprintable),
                "{text:?}"
            );
        }
    }
}
