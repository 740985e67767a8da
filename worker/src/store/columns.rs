//! Columns of a table, listed once: as the fields of its row.
//!
//! A row is read by its columns' names and written as a JSON object. So one list serves every statement, no value can
//! stand in another's place, and a field that is added is read and written everywhere.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::http::problem::Problem;

/// A struct whose fields are the columns of a table. Made by [`row!`].
pub trait Row: Serialize {
    /// Every column: `a, b`.
    const COLUMNS: &'static str;
    /// What a JSON object in the column `value` has for them, as a query with `json_each` has it: `value ->> 'a', …`.
    const VALUES: &'static str;
    /// Takes over what an insert was refused for: `a = excluded.a, …`.
    const EXCLUDED: &'static str;
    /// Takes over what a JSON object in the column `value` has, see [`changes`]; what it lacks stays as it is.
    const CHANGES: &'static str;
    /// A row as a JSON object, the other way round: `json_object('a', a, …)`.
    const OBJECT: &'static str;
}

/// Declares a row and, by its fields, the columns of its table. Fields after `besides` are read with the row where a query
/// selects them, and are no columns: they are not written.
macro_rules! row {
    (
        $(#[$about:meta])*
        $visible:vis struct $row:ident {
            $(#[$about_first:meta])*
            $first_visible:vis $first:ident: $first_type:ty
            $(, $(#[$about_field:meta])* $field_visible:vis $field:ident: $type:ty)* $(,)?
        }
        $(besides { $($(#[$about_other:meta])* $other_visible:vis $other:ident: $other_type:ty,)* })?
    ) => {
        $(#[$about])*
        #[derive(Clone, serde::Serialize, serde::Deserialize)]
        $visible struct $row {
            $(#[$about_first])*
            $first_visible $first: $first_type,
            $($(#[$about_field])* $field_visible $field: $type,)*
            $($($(#[$about_other])* #[serde(skip_serializing)] $other_visible $other: $other_type,)*)?
        }

        impl $crate::store::columns::Row for $row {
            const COLUMNS: &'static str = concat!(stringify!($first) $(, ", ", stringify!($field))*);
            const VALUES: &'static str = concat!(
                "value ->> '", stringify!($first), "'"
                $(, ", value ->> '", stringify!($field), "'")*
            );
            const EXCLUDED: &'static str = concat!(
                stringify!($first), " = excluded.", stringify!($first)
                $(, ", ", stringify!($field), " = excluded.", stringify!($field))*
            );
            const CHANGES: &'static str = concat!(
                row!(@change $first)
                $(, ", ", row!(@change $field))*
            );
            const OBJECT: &'static str = concat!(
                "json_object('", stringify!($first), "', ", stringify!($first)
                $(, ", '", stringify!($field), "', ", stringify!($field))*, ")"
            );
        }
    };
    (@change $column:ident) => {
        concat!(
            stringify!($column), " = iif(json_type(value, '$.", stringify!($column), "') IS NULL, ",
            stringify!($column), ", value ->> '", stringify!($column), "')"
        )
    };
}
pub(super) use row;

/// What `new` has other than `old`, as a JSON object for [`Row::CHANGES`]; `None` when that is nothing.
pub fn changes<R: Row>(old: &R, new: &R) -> Result<Option<String>, Problem> {
    // By way of text: the worker has no other use for a serializer of values, which would be made for every type in a row.
    let object = |row: &R| serde_json::from_str::<Map<String, Value>>(&serde_json::to_string(row)?);
    let (old, new) = (object(old)?, object(new)?);
    let is_changed = |(name, value): &(String, Value)| old.get(name) != Some(value);
    let changed: Map<String, Value> = new.into_iter().filter(is_changed).collect();
    if changed.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::to_string(&changed)?))
}

/// A column of 0 and 1.
pub mod flag {
    use super::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8((*flag).into())
    }

    /// Reads it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        Ok(u8::deserialize(deserializer)? == 1)
    }
}

/// A column of JSON; NULL for a value that is none.
pub mod json {
    use super::{
        Deserialize, DeserializeOwned, Deserializer, Serialize, Serializer, unreadable, unwritable,
    };

    /// Writes it.
    pub fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(value).map_err(unwritable)?;
        if text == "null" {
            return serializer.serialize_none();
        }
        serializer.serialize_str(&text)
    }

    /// Reads it.
    pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        serde_json::from_str(text.as_deref().unwrap_or("null")).map_err(|error| unreadable(&error))
    }
}

fn unwritable<E: serde::ser::Error>(error: serde_json::Error) -> E {
    E::custom(error)
}

/// The error's own words quote what could not be read.
fn unreadable<E: serde::de::Error>(error: &serde_json::Error) -> E {
    let (kind, line, column) = (error.classify(), error.line(), error.column());
    E::custom(format_args!("JSON: {kind:?} at {line}:{column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    row! {
        /// A row.
        #[derive(Debug)]
        struct ThingRow {
            /// Its id.
            id: String,
            #[serde(with = "flag")]
            enabled: bool,
            #[serde(with = "json")]
            tags: Vec<u8>,
            #[serde(with = "json")]
            form: Option<Vec<u8>>,
        }
        besides {
            #[serde(default)]
            n_parts: u8,
        }
    }

    fn thing() -> ThingRow {
        ThingRow {
            id: "thing_1".to_owned(),
            enabled: true,
            tags: vec![1, 2],
            form: None,
            n_parts: 3,
        }
    }

    #[test]
    fn a_field_is_in_every_list() {
        assert_eq!(ThingRow::COLUMNS, "id, enabled, tags, form");
        assert_eq!(
            ThingRow::VALUES,
            "value ->> 'id', value ->> 'enabled', value ->> 'tags', value ->> 'form'"
        );
        assert!(ThingRow::EXCLUDED.ends_with("form = excluded.form"));
        let change =
            "enabled = iif(json_type(value, '$.enabled') IS NULL, enabled, value ->> 'enabled')";
        assert!(ThingRow::CHANGES.contains(change), "{}", ThingRow::CHANGES);
        assert_eq!(
            ThingRow::OBJECT,
            "json_object('id', id, 'enabled', enabled, 'tags', tags, 'form', form)"
        );
    }

    #[test]
    fn a_row_is_written_as_its_columns_hold_it_and_read_back() {
        let stored =
            serde_json::json!({ "id": "thing_1", "enabled": 1, "tags": "[1,2]", "form": null });
        assert_eq!(serde_json::to_value(thing()).ok(), Some(stored.clone()));
        let ThingRow {
            id: _,
            enabled,
            tags,
            form,
            n_parts,
        } = serde_json::from_value(stored).expect("a row");
        assert_eq!((enabled, tags, form), (true, vec![1, 2], None));
        assert_eq!(n_parts, 0, "it was neither written nor selected");
        let broken =
            serde_json::json!({ "id": "x", "enabled": 0, "tags": "secret words", "form": null });
        let error = serde_json::from_value::<ThingRow>(broken).expect_err("no JSON");
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn only_what_differs_is_a_change() {
        assert_eq!(changes(&thing(), &thing()).ok(), Some(None));
        let new = ThingRow {
            form: Some(vec![3]),
            enabled: false,
            ..thing()
        };
        let changed = changes(&thing(), &new).ok().flatten();
        assert_eq!(changed.as_deref(), Some(r#"{"enabled":0,"form":"[3]"}"#));
    }
}
