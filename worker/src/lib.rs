//! The edge: HTTP, sockets and storage around the rules of `oriel-shared`.
//!
//! A request comes in here. [`endpoints`] finds what it is for and who may call it; a handler in [`visitor`] or [`admin`]
//! takes, checks, decides, stores and answers; [`http`] dresses the answer. What a visitor does happens in that visitor's
//! object ([`objects`]); D1 ([`store`]) holds what the team reads. Requests to others leave through [`outbound`]; [`jobs`] are
//! what the clock calls for.

// A panic here ends the instance and every request in flight on it.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable
    )
)]

mod admin;
mod answer;
mod calls;
mod clock;
mod config;
mod endpoints;
mod events;
mod health;
mod http;
mod jobs;
mod knowledge;
mod objects;
mod outbound;
mod security;
mod sites;
mod store;
#[cfg(test)]
mod tidy;
mod visitor;

use wasm_bindgen::prelude::wasm_bindgen;
use worker::{Context, Env, Request, Response, ScheduleContext, ScheduledEvent, event};

pub use objects::admission::Admission;
pub use objects::importer::Importer;
pub use objects::model_budget::ModelBudget;
pub use objects::team_feed::TeamFeed;
pub use objects::visitor::Visitor;
pub use objects::webhook_sender::WebhookSender;

/// Every request. Never an `Err`: the runtime would answer it without headers.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    Ok(endpoints::respond(request, env, context).await)
}

/// What wrangler.toml's cron triggers call.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    jobs::run(&env, &event.cron()).await;
}

/// What `entry.mjs` answers when the wasm has crashed: `{status, headers, body}` as JSON.
#[wasm_bindgen]
pub fn crash_answer() -> String {
    http::response::crash()
}
