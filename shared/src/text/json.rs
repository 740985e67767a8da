//! JSON from strangers, looked at before anything is read: how deep it goes, and whether it says a thing twice.
//!
//! RFC 8259 leaves a repeated name to the reader: one program takes the first, another the last, and a check made by
//! one says nothing about the other. serde refuses a repeated field of a type that it reads, except where fields are
//! flattened or skipped; [`check_unique`] refuses it everywhere.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Nothing that is read here is nested deeper than four levels; the rest is room to grow. Whoever walks a value calls
/// itself once a level.
pub const DEPTH_MAX: usize = 16;

/// Why a JSON text was refused before it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Objects and lists in each other, too many.
    #[error("is nested deeper than {max} levels")]
    TooDeep {
        /// The bound.
        max: usize,
    },
    /// Not JSON, or with a name twice in one object.
    #[error("is not JSON in which each name stands once")]
    Form,
}

/// Counts the levels of a JSON text, in one pass over its bytes. Says nothing about whether it is JSON.
///
/// # Errors
/// [`JsonError::TooDeep`] beyond [`DEPTH_MAX`].
pub fn check_depth(json: &[u8]) -> Result<(), JsonError> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(JsonError::TooDeep { max: DEPTH_MAX });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Checks that a text is one JSON object, no deeper than [`DEPTH_MAX`], and that no name stands twice in an object, at
/// any level.
///
/// # Errors
/// [`JsonError`].
pub fn check_unique(json: &[u8]) -> Result<(), JsonError> {
    check_depth(json)?;
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err(JsonError::Form);
    }
    let text = std::str::from_utf8(json).map_err(|_| JsonError::Form)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    Unique
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|_| JsonError::Form)
}

/// Walks a value and keeps nothing of it but the names of the object that it stands in.
#[derive(Clone, Copy)]
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON in which each name stands once")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = object.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name stands twice"));
            }
            object.next_value_seed(self)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::wire::admin::SiteChange;
    use crate::wire::visitor::ClientFrame;

    fn nested(depth: usize) -> String {
        format!(
            "{}{}",
            r#"{"a":"#.repeat(depth - 1) + "{",
            "}".repeat(depth)
        )
    }

    #[test]
    fn depth_ends_at_the_bound_and_brackets_in_texts_do_not_count() {
        assert_eq!(check_depth(nested(DEPTH_MAX).as_bytes()), Ok(()));
        let too_deep = Err(JsonError::TooDeep { max: DEPTH_MAX });
        assert_eq!(check_depth(nested(DEPTH_MAX + 1).as_bytes()), too_deep);
        assert_eq!(check_depth("[".repeat(17).as_bytes()), too_deep);
        assert_eq!(check_depth("[{".repeat(1_000_000).as_bytes()), too_deep);
        for fine in [
            format!(r#"{{"a":"{}"}}"#, "[{".repeat(100)),
            format!(r#"{{"a":"\"{}"}}"#, "[".repeat(100)),
            format!(r#"{{"a":"\\","b":"{}"}}"#, "{".repeat(100)),
            "[],".repeat(100),
            "]".repeat(100),
        ] {
            assert_eq!(check_depth(fine.as_bytes()), Ok(()), "{fine}");
        }
        // A backslash ends no text: what follows it is inside.
        assert_eq!(
            check_depth(format!(r#"{{"a":"\\"{}"#, "[".repeat(17)).as_bytes()),
            too_deep
        );
    }

    #[test]
    fn a_name_stands_once_in_an_object_at_every_level() {
        for fine in [
            "{}",
            r#" {"a":1,"b":{"a":[{"a":null},{"a":true}]}} "#,
            r#"{"a":"a","A":-1.5e3}"#,
        ] {
            assert_eq!(check_unique(fine.as_bytes()), Ok(()), "{fine}");
        }
        for refused in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            "[]",
            "1",
            "",
            "{",
            r#"{"a":1}x"#,
            r#"{"a":1,}"#,
            "{'a':1}",
            r#"{"a":01}"#,
            "{\"a\":\"\u{1}\"}",
            "\u{feff}{}",
        ] {
            assert_eq!(
                check_unique(refused.as_bytes()),
                Err(JsonError::Form),
                "{refused}"
            );
        }
        assert_eq!(check_unique(b"{\"a\":\"\xff\"}"), Err(JsonError::Form));
        assert!(check_unique(nested(DEPTH_MAX + 1).as_bytes()).is_err());
    }

    #[test]
    fn a_body_that_says_a_thing_twice_or_says_what_is_not_asked_is_refused() {
        fn reads<T: for<'de> Deserialize<'de>>(json: &str) -> bool {
            serde_json::from_str::<T>(json).is_ok()
        }
        assert!(reads::<SiteChange>(r#"{"name":"a","enabled":true}"#));
        assert!(!reads::<SiteChange>(r#"{"name":"a","name":"b"}"#));
        assert!(!reads::<SiteChange>(r#"{"name":"a","n\u0061me":"b"}"#));
        assert!(!reads::<SiteChange>(r#"{"name":"a","owner":"b"}"#));
        assert!(reads::<ClientFrame>(r#"{"type":"resume","after":1}"#));
        assert!(!reads::<ClientFrame>(
            r#"{"type":"resume","after":1,"after":2}"#
        ));
        assert!(!reads::<ClientFrame>(
            r#"{"type":"resume","type":"escalate","after":1}"#
        ));
        assert!(!reads::<ClientFrame>(
            r#"{"type":"resume","after":1,"x":2}"#
        ));
    }
}
