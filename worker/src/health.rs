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
    /// What is missing, where saying so gives nothing away: the name of a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    lacks: Option<String>,
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
    let objects = ["VISITORS", "GATES"]
        .iter()
        .try_for_each(|name| env.durable_object(name).map(drop))
        .map_err(Problem::from);
    let limiter = env.rate_limiter("SHIELD").map(drop).map_err(Problem::from);
    let parts = [
        ("secrets", secrets),
        ("database", database),
        ("index", index),
        ("objects", objects),
        ("limiter", limiter),
    ];
    let parts = parts.map(|(name, result)| Part {
        name,
        ok: result.is_ok(),
        lacks: result
            .err()
            .filter(|_| name == "secrets")
            .map(|problem| problem.cause().to_owned()),
    });
    let status = if parts.iter().all(|part| part.ok) {
        200
    } else {
        503
    };
    Answer::json(status, &serde_json::json!({ "parts": parts }))
}
