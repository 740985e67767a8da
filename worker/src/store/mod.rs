//! D1: what the team reads, one file a table. SQL stands beside the one function that runs it; values are always
//! bound; every read carries its tenant.
//!
//! A read that fails is an error and never an empty default. Writes are idempotent where a caller may repeat them.

pub mod api_keys;
pub mod audit;
pub mod batch;
pub mod connections;
pub mod conversations;
pub mod deliveries;
pub mod documents;
pub mod imports;
pub mod messages;
pub mod passages;
pub mod reviews;
pub mod sealed;
pub mod signing_keys;
pub mod sites;
pub mod usage;
pub mod visitors;

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, D1Result, Env};

use crate::http::problem::Problem;

/// The main database.
pub struct Db(D1Database);

/// The rebuildable index of passages.
pub struct Search(D1Database);

impl Db {
    /// The database that the environment binds.
    ///
    /// # Errors
    /// A [`Problem`] of ours when nothing is bound.
    pub fn open(env: &Env) -> Result<Self, Problem> {
        Ok(Self(env.d1("DB")?))
    }

    fn statement(&self, sql: &str, values: &[JsValue]) -> Result<D1PreparedStatement, Problem> {
        statement(&self.0, sql, values)
    }

    async fn all<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[JsValue],
    ) -> Result<Vec<T>, Problem> {
        let result = self
            .statement(sql, values)?
            .all()
            .await
            .map_err(|error| down(&error))?;
        result
            .results()
            .map_err(|error| Problem::ours("rows", &error))
    }

    async fn first<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[JsValue],
    ) -> Result<Option<T>, Problem> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }

    /// Runs a write and tells how many rows it changed.
    async fn run(&self, sql: &str, values: &[JsValue]) -> Result<usize, Problem> {
        let result = self
            .statement(sql, values)?
            .run()
            .await
            .map_err(|error| down(&error))?;
        let meta = result
            .meta()
            .map_err(|error| Problem::ours("meta", &error))?;
        Ok(meta.and_then(|meta| meta.changes).unwrap_or(0))
    }

    /// Runs several writes as one transaction.
    async fn batch(&self, statements: Vec<D1PreparedStatement>) -> Result<(), Problem> {
        self.0
            .batch(statements)
            .await
            .map(drop)
            .map_err(|error| down(&error))
    }

    /// Runs several statements as one transaction and reads the rows of the last one.
    async fn batch_rows<T: DeserializeOwned>(
        &self,
        statements: Vec<D1PreparedStatement>,
    ) -> Result<Vec<T>, Problem> {
        let results = self
            .0
            .batch(statements)
            .await
            .map_err(|error| down(&error))?;
        let rows = results.last().map(D1Result::results).transpose();
        rows.map(Option::unwrap_or_default)
            .map_err(|error| Problem::ours("rows", &error))
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), Problem> {
        self.run("SELECT 1 FROM organisations LIMIT 1", &[])
            .await
            .map(drop)
    }
}

impl Search {
    /// The index that the environment binds.
    ///
    /// # Errors
    /// A [`Problem`] of ours when nothing is bound.
    pub fn open(env: &Env) -> Result<Self, Problem> {
        Ok(Self(env.d1("SEARCH")?))
    }

    /// Whether the index answers.
    pub async fn check(&self) -> Result<(), Problem> {
        let statement = statement(&self.0, "SELECT 1 FROM passages LIMIT 1", &[])?;
        statement
            .run()
            .await
            .map(drop)
            .map_err(|error| down(&error))
    }
}

fn statement(
    database: &D1Database,
    sql: &str,
    values: &[JsValue],
) -> Result<D1PreparedStatement, Problem> {
    let statement = database.prepare(sql);
    if values.is_empty() {
        return Ok(statement);
    }
    statement
        .bind(values)
        .map_err(|error| Problem::ours("bind", &error))
}

fn down(error: &worker::Error) -> Problem {
    Problem::unavailable("database", error)
}

/// Whole numbers up to 2^53 travel to D1 as JavaScript numbers; `D1Type::Integer` would cut them to 32 bits.
fn int(value: u64) -> JsValue {
    JsValue::from_f64(value as f64)
}

fn text(value: &str) -> JsValue {
    JsValue::from_str(value)
}

fn maybe(value: Option<&str>) -> JsValue {
    value.map_or(JsValue::NULL, JsValue::from_str)
}
