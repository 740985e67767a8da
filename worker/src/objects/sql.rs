//! An object's own SQLite: tables that are there and up to date, rows in, rows out.
//!
//! What a statement costs is the border to JavaScript, not SQLite. So each statement's text crosses it once in the life of
//! an instance, and rows come back as one text.

use std::cell::RefCell;
use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
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

/// Makes the tables of a new object, or takes those of an older one through the upgrades that it lacks. The first
/// version is 1; each upgrade adds one.
pub fn prepare(
    sql: &SqlStorage,
    tables: &'static str,
    upgrades: &[&'static str],
) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct Version {
        version: usize,
    }
    let versions: Vec<Version> = rows(
        sql,
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL);
         SELECT version FROM schema_version",
        vec![],
    )?;
    let present = 1 + upgrades.len();
    match versions.first() {
        Some(row) if row.version == present => return Ok(()),
        Some(row) => {
            for upgrade in upgrades.iter().skip(row.version.saturating_sub(1)) {
                run(sql, upgrade, vec![])?;
            }
        }
        None => run(sql, tables, vec![])?,
    }
    run(
        sql,
        "DELETE FROM schema_version;
         INSERT INTO schema_version (version) VALUES (?)",
        vec![int(present as u64)],
    )
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

/// Runs a write, and tells whether it wrote anything.
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
