//! Probes: is it alive, and do its parts answer?

use serde::Serialize;
use worker::Env;

use crate::config;
use crate::http::answer::{Answer, Outcome};
use crate::http::problem::Problem;
use crate::store::{Db, Search};

/// The worker runs.
pub fn alive() -> Outcome {
    Answer::ok(&serde_json::json!({ "status": "ok" }))
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    ok: bool,
}

/// Each part by name; 503 when one does not answer. A part that fails degrades the chat and does not end it.
pub async fn ready(env: &Env) -> Outcome {
    let secrets = config::token_key(env)
        .and_then(|_| config::vault(env))
        .map(drop);
    let database = match Db::open(env) {
        Ok(db) => db.check().await,
        Err(problem) => Err(problem),
    };
    let index = match Search::open(env) {
        Ok(search) => search.check().await,
        Err(problem) => Err(problem),
    };
    let objects = env
        .durable_object("VISITORS")
        .map(drop)
        .map_err(Problem::from);
    let parts = [
        ("secrets", secrets),
        ("database", database),
        ("index", index),
        ("objects", objects),
    ];
    let parts = parts.map(|(name, result)| Part {
        name,
        ok: result.is_ok(),
    });
    let status = if parts.iter().all(|part| part.ok) {
        200
    } else {
        503
    };
    Answer::json(status, &serde_json::json!({ "parts": parts }))
}
