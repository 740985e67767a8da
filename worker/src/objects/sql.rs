//! An object's own SQLite: tables by numbered steps, rows in, rows out.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use worker::{SqlStorage, SqlStorageValue};

use crate::http::problem::Problem;

/// Brings an object's tables to the version that the last of `steps` makes. Steps are never edited once released; new
/// fields read old rows.
pub fn migrate(sql: &SqlStorage, steps: &[&str]) -> Result<(), Problem> {
    #[derive(Deserialize)]
    struct Version {
        version: usize,
    }
    run(
        sql,
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)",
        vec![],
    )?;
    let versions: Vec<Version> = rows(sql, "SELECT version FROM schema_version", vec![])?;
    let version = versions.first().map_or(0, |row| row.version);
    for step in steps.iter().skip(version) {
        sql.exec(step, None).map_err(|error| broken(&error))?;
    }
    if version < steps.len() {
        run(sql, "DELETE FROM schema_version", vec![])?;
        run(
            sql,
            "INSERT INTO schema_version (version) VALUES (?)",
            vec![int(steps.len() as u64)],
        )?;
    }
    Ok(())
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

/// Whole numbers below 2^53, which is where JavaScript's end.
pub fn int(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}

fn broken(error: &worker::Error) -> Problem {
    Problem::ours("object storage", error)
}
