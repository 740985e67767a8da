//! The object's tables. Created idempotently; a change adds a step and raises the version.

use serde::de::DeserializeOwned;
use worker::{SqlStorage, SqlStorageValue};

use crate::http::problem::Problem;

/// Steps from an empty object to the present one. Never edited once released; new fields read old rows.
const STEPS: [&str; 1] = ["
    -- One row: whose object this is, and the conversation in it.
    CREATE TABLE conversation (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        org_id TEXT NOT NULL,
        site_id TEXT NOT NULL,
        visitor_id TEXT NOT NULL,
        verified INTEGER NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        -- Messages up to this one are in D1.
        kept_seq INTEGER NOT NULL DEFAULT 0,
        -- The status in D1, to see that it changed without a message.
        kept_status TEXT
    );
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        -- Set for a question: the id that its answer will have, so that it is answered once.
        answer_id TEXT
    );
    CREATE TABLE spent_tickets (
        jti TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL
    );
    CREATE TABLE sessions (
        family TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        renewed_at INTEGER NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0
    );
"];

/// Brings the object's tables to the present version.
pub fn create(sql: &SqlStorage) -> Result<(), Problem> {
    run(
        sql,
        "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)",
        vec![],
    )?;
    let versions: Vec<Version> = rows(sql, "SELECT version FROM schema_version", vec![])?;
    let version = versions.first().map_or(0, |row| row.version);
    for step in STEPS.iter().skip(version) {
        sql.exec(step, None).map_err(|error| broken(&error))?;
    }
    if version < STEPS.len() {
        run(sql, "DELETE FROM schema_version", vec![])?;
        run(
            sql,
            "INSERT INTO schema_version (version) VALUES (?)",
            vec![int(STEPS.len() as u64)],
        )?;
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Version {
    version: usize,
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
