//! Probes: is it alive, and do its parts answer?

use oriel_shared::wire::health::{Alive, Part, Readiness};

use crate::config;
use crate::http::call::{Anybody, Call};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::{Db, Search};

/// The worker runs.
pub async fn alive(_call: Call<'_, Anybody>) -> HandlerResult {
    let status = "ok".to_owned();
    HttpReply::ok(&Alive { status })
}

/// Each part by name; 503 when one does not answer. A part that fails degrades the chat and does not end it.
pub async fn ready(call: Call<'_, Anybody>) -> HandlerResult {
    let env = call.env();
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
    let objects = ["VISITORS", "ADMISSIONS"]
        .iter()
        .try_for_each(|name| env.durable_object(name).map(drop))
        .map_err(Problem::from);
    let limiter = env
        .rate_limiter("IP_RATE_LIMIT")
        .map(drop)
        .map_err(Problem::from);
    let parts = [
        ("secrets", secrets),
        ("database", database),
        ("index", index),
        ("objects", objects),
        ("limiter", limiter),
    ];
    let parts = parts.map(|(name, result)| Part {
        name: name.to_owned(),
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
    let parts = parts.into();
    HttpReply::json(status, &Readiness { parts })
}
