//! An object's own SQLite: tables that are there and up to date, rows in, rows out.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::{SqlStorage, SqlStorageValue};

use crate::http::problem::Problem;

/// Makes the tables of a new object, or takes those of an older one through the upgrades that it lacks. The first
/// version is 1; each upgrade adds one.
pub fn prepare(sql: &SqlStorage, tables: &str, upgrades: &[&str]) -> Result<(), Problem> {
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
    query: &str,
    values: Vec<SqlStorageValue>,
) -> Result<Vec<T>, Problem> {
    sql.exec(query, values)
        .map_err(|error| broken(&error))?
        .to_array()
        .map_err(|error| broken(&error))
}

/// Runs a write.
pub fn run(sql: &SqlStorage, query: &str, values: Vec<SqlStorageValue>) -> Result<(), Problem> {
    sql.exec(query, values)
        .map(drop)
        .map_err(|error| broken(&error))
}

/// Runs a write, and tells whether it wrote anything.
pub fn is_written(
    sql: &SqlStorage,
    query: &str,
    values: Vec<SqlStorageValue>,
) -> Result<bool, Problem> {
    sql.exec(query, values)
        .map(|cursor| cursor.rows_written() > 0)
        .map_err(|error| broken(&error))
}

/// Whole numbers below 2^53, which is where JavaScript's end.
pub fn int(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn broken(error: &worker::Error) -> Problem {
    Problem::ours("object storage", error)
}
