//! Durable Objects: one file or folder each; [`job`] is work in the background, [`sql`] their storage, [`streams`] those who
//! listen to them. What they may be asked stands in [`crate::calls`].

pub mod admission;
pub mod importer;
mod job;
pub mod model_budget;
mod sql;
pub mod streams;
pub mod team_feed;
pub mod visitor;
pub mod webhook_sender;

use serde::Serialize;
use worker::Response;

use crate::http::problem::Problem;

/// An object's answer to the worker: a reply, or what is wrong with the call. A failure of ours is logged here, where it is
/// handled; the worker makes a 503 of it.
fn answer(outcome: Result<impl Serialize, Problem>) -> worker::Result<Response> {
    match outcome {
        Err(problem) if problem.is_ours() => fail(&problem),
        outcome => Response::from_json(&outcome).or_else(|error| fail(&error.into())),
    }
}

fn fail(problem: &Problem) -> worker::Result<Response> {
    log_failure("call", problem);
    Response::error("the object could not do it", 500)
}

/// Logs a failure inside an object, once, where it is handled.
fn log_failure(doing: &str, problem: &Problem) {
    worker::console_error!(
        "{}",
        serde_json::json!({
            "event": "object_failure", "doing": doing, "cause": problem.cause(),
        })
    );
}
