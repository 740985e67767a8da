//! D1: what the team reads. One file a table, and one for each thing that spans tables ([`batch`], [`sealed`],
//! [`visitors`]). SQL stands beside the one function that runs it; a table's columns are listed once ([`columns`]); values
//! are always bound.
//!
//! Keeps true: every statement is held to one tenant, but for those that find the tenant and those of jobs, which serve
//! all. `tidy/tenants.rs` names the exceptions.
//!
//! A read that fails is an error and never an empty default. Writes are idempotent where a caller may repeat them.

pub mod api_keys;
pub mod audit;
pub mod batch;
mod columns;
pub mod connections;
pub mod conversations;
pub mod deliveries;
pub mod documents;
pub mod import_steps;
pub mod imports;
pub mod messages;
pub mod passages;
pub mod reviews;
pub mod sealed;
pub mod signing_keys;
pub mod sites;
pub mod usage;
pub mod visitors;

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, D1Result, Env};

use crate::http::problem::Problem;

/// A database; `B` says which of the two.
pub struct Database<B>(D1Database, PhantomData<B>);

/// A binding of wrangler.toml, and a query that answers when the database does.
pub trait Binding {
    /// Its name.
    const NAME: &'static str;
    /// Reads next to nothing.
    const PROBE: &'static str;
}

/// Binds what is kept.
pub struct Main;
/// Binds what can be made anew.
pub struct Index;

impl Binding for Main {
    const NAME: &'static str = "DB";
    const PROBE: &'static str = "SELECT 1 FROM organisations LIMIT 1";
}

impl Binding for Index {
    const NAME: &'static str = "SEARCH";
    const PROBE: &'static str = "SELECT 1 FROM passages LIMIT 1";
}

/// The main database.
pub type Db = Database<Main>;

/// The rebuildable index of passages.
pub type Search = Database<Index>;

impl<B: Binding> Database<B> {
    /// The database that the environment binds.
    ///
    /// # Errors
    /// A [`Problem`] of ours when nothing is bound.
    pub fn open(env: &Env) -> Result<Self, Problem> {
        Ok(Self(env.d1(B::NAME)?, PhantomData))
    }

    /// Whether the database answers.
    pub async fn check(&self) -> Result<(), Problem> {
        self.run(B::PROBE, &[]).await.map(drop)
    }

    fn statement(&self, sql: &str, values: &[JsValue]) -> Result<D1PreparedStatement, Problem> {
        let statement = self.0.prepare(sql);
        if values.is_empty() {
            return Ok(statement);
        }
        statement
            .bind(values)
            .map_err(|error| Problem::ours("bind", &error))
    }

    async fn all<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[JsValue],
    ) -> Result<Vec<T>, Problem> {
        let result = self.statement(sql, values)?.all().await;
        rows(&result.map_err(|error| down(&error))?)
    }

    async fn first<T: DeserializeOwned>(
        &self,
        sql: &str,
        values: &[JsValue],
    ) -> Result<Option<T>, Problem> {
        Ok(self.all(sql, values).await?.into_iter().next())
    }

    /// Runs a write and returns how many rows it changed.
    async fn run(&self, sql: &str, values: &[JsValue]) -> Result<usize, Problem> {
        let result = self.statement(sql, values)?.run().await;
        let meta = result
            .map_err(|error| down(&error))?
            .meta()
            .map_err(|error| Problem::ours("meta", &error))?;
        Ok(meta.and_then(|meta| meta.changes).unwrap_or(0))
    }

    /// Runs several writes as one transaction.
    async fn batch(&self, statements: Vec<D1PreparedStatement>) -> Result<(), Problem> {
        self.batch_results(statements).await.map(drop)
    }

    /// Runs several statements as one transaction, with a result for each.
    async fn batch_results(
        &self,
        statements: Vec<D1PreparedStatement>,
    ) -> Result<Vec<D1Result>, Problem> {
        let results = self.0.batch(statements).await;
        results.map_err(|error| down(&error))
    }

    /// Runs several statements as one transaction and reads the rows of the last one.
    async fn batch_rows<T: DeserializeOwned>(
        &self,
        statements: Vec<D1PreparedStatement>,
    ) -> Result<Vec<T>, Problem> {
        let results = self.batch_results(statements).await?;
        let last = results.last().map(rows).transpose()?;
        Ok(last.unwrap_or_default())
    }
}

fn rows<T: DeserializeOwned>(result: &D1Result) -> Result<Vec<T>, Problem> {
    result
        .results()
        .map_err(|error| Problem::ours("rows", &error))
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
