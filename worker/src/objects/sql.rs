//! An object's own SQLite: tables that are there and up to date, rows in, rows out.
//!
//! What a statement costs is the border to JavaScript, not SQLite. So each statement's text crosses it once in the life of
//! an instance, and rows come back as one text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::{Array, JSON, JsString};
use worker::{SqlStorage, SqlStorageValue};

use crate::http::problem::Problem;

#[wasm_bindgen]
extern "C" {
    /// The runtime's own, bound closer than [`SqlStorage`].
    type Storage;

    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &Storage, query: &JsString, values: Box<[JsValue]>) -> Result<Cursor, JsValue>;

    /// What came of a statement.
    type Cursor;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &Cursor) -> Result<Array, JsValue>;

    #[wasm_bindgen(method, getter, js_name = rowsWritten)]
    fn rows_written(this: &Cursor) -> f64;
}

thread_local! {
    /// Statements as the runtime has them, by where they lie. It finds the prepared statement by the same string.
    static QUERIES: RefCell<HashMap<(*const u8, usize), JsString>> = RefCell::default();
}

/// Brings an object's tables up to date: runs the steps of its list of migrations that it lacks, all of them for a new
/// object, in one crossing. A step is never edited once released, and new fields read old rows.
///
/// # Errors
/// A [`Problem`] of ours when a statement fails.
pub fn migrate(sql: &SqlStorage, migrations: &[&str]) -> Result<(), Problem> {
    let versions: Vec<usize> = column(
        sql,
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);
         SELECT version FROM schema_version",
        vec![],
    )?;
    let n_done = versions.first().copied().unwrap_or(0);
    match pending(migrations, n_done) {
        Some(script) => {
            let storage: &Storage = sql.as_ref().unchecked_ref();
            let outcome = storage.exec(&script.as_str().into(), Box::default());
            outcome.map(drop).map_err(|error| broken(&error))
        }
        None => Ok(()),
    }
}

/// The statements that take an object through the migrations after the first `n_done`; `None` when there are none.
fn pending(migrations: &[&str], n_done: usize) -> Option<String> {
    let steps = migrations.get(n_done..).filter(|steps| !steps.is_empty())?;
    let mut script = steps.concat();
    script.push_str("DELETE FROM schema_version; INSERT INTO schema_version (version) VALUES (");
    script.push_str(&migrations.len().to_string());
    script.push_str(");");
    Some(script)
}

/// Reads rows.
pub fn rows<T: DeserializeOwned>(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<Vec<T>, Problem> {
    match rows_json(sql, query, values)? {
        Some(json) => Ok(serde_json::from_str(&json)?),
        None => Ok(Vec::new()),
    }
}

/// Reads the one column of a statement.
pub fn column<T: DeserializeOwned>(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<Vec<T>, Problem> {
    let rows: Vec<OneColumn<T>> = rows(sql, query, values)?;
    Ok(rows.into_iter().map(|OneColumn(value)| value).collect())
}

/// A row of one column, whatever its name: a struct for each would be some kilobytes of the program.
struct OneColumn<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneColumn<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Row<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Row<T> {
            type Value = OneColumn<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a row of one column")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
                let cell: Option<(IgnoredAny, T)> = row.next_entry()?;
                let (_, value) = cell.ok_or_else(|| A::Error::custom("a row without a column"))?;
                Ok(OneColumn(value))
            }
        }

        deserializer.deserialize_map(Row(PhantomData))
    }
}

/// Rows as one JSON array, unless there are none.
fn rows_json(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<Option<String>, Problem> {
    let rows = exec(sql, query, values)?
        .to_array()
        .map_err(|error| broken(&error))?;
    if rows.length() == 0 {
        return Ok(None);
    }
    let json = JSON::stringify(&rows).map_err(|error| broken(&error))?;
    Ok(Some(json.into()))
}

/// Runs a write.
pub fn run(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<(), Problem> {
    exec(sql, query, values).map(drop)
}

/// Runs a write. Returns whether it changed anything.
pub fn is_written(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<bool, Problem> {
    exec(sql, query, values).map(|cursor| cursor.rows_written() > 0.0)
}

fn exec(
    sql: &SqlStorage,
    query: &'static str,
    values: Vec<SqlStorageValue>,
) -> Result<Cursor, Problem> {
    let storage: &Storage = sql.as_ref().unchecked_ref();
    let values = values.into_iter().map(value).collect();
    QUERIES
        .with_borrow_mut(|queries| {
            let query = queries
                .entry((query.as_ptr(), query.len()))
                .or_insert_with(|| query.into());
            storage.exec(query, values)
        })
        .map_err(|error| broken(&error))
}

fn value(value: SqlStorageValue) -> JsValue {
    match value {
        // The crate's own way asks JavaScript whether the number is a safe one.
        SqlStorageValue::Integer(number) => JsValue::from_f64(number as f64),
        other => other.into(),
    }
}

/// Whole numbers below 2^53, which is where JavaScript's end.
pub fn int(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn broken(error: &JsValue) -> Problem {
    Problem::ours("object storage", &worker::Error::from(error.clone()))
}

#[cfg(test)]
mod tests {
    use super::{OneColumn, pending};

    #[test]
    fn a_row_of_one_column_reads_whatever_the_columns_name_is_and_no_other_row_does() {
        let read = |json: &str| {
            let rows = serde_json::from_str::<Vec<OneColumn<Option<u32>>>>(json).ok()?;
            Some(rows.into_iter().map(|row| row.0).collect::<Vec<_>>())
        };
        assert_eq!(read(r#"[{"n":1},{"at":null}]"#), Some(vec![Some(1), None]));
        for wrong in [r#"[{}]"#, r#"[{"n":1,"m":2}]"#, r#"[{"n":"1"}]"#, "[1]"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_new_object_replays_the_list_and_an_older_one_what_it_lacks() {
        let list = ["one;", "two;"];
        let version =
            "DELETE FROM schema_version; INSERT INTO schema_version (version) VALUES (2);";
        assert_eq!(pending(&list, 0), Some(format!("one;two;{version}")));
        assert_eq!(pending(&list, 1), Some(format!("two;{version}")));
        assert_eq!(pending(&list, 2), None);
        // A version that a later release left behind.
        assert_eq!(pending(&list, 3), None);
    }
}
