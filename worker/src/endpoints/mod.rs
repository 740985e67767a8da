//! From a request to its handler, as the declarations of [`oriel_shared::wire::api`] say: which endpoint it is for,
//! which pages and callers may call it, and what the logs hear of it.
//!
//! Nothing of a single endpoint is spelled here. How callers prove who they are is beside what they may do:
//! [`crate::visitor::host_page`], [`crate::visitor::access`], [`crate::admin::team`].

mod ip_rate_limit;
mod table;

use oriel_shared::event::Outcome;
use oriel_shared::wire::api::{Caller, Endpoint, Log};
use worker::{Env, Request, Response, Url};

use self::table::{Found, Handler};
use crate::admin::team;
use crate::http::call::{Anybody, Call, Frame};
use crate::http::context::Context;
use crate::http::cors;
use crate::http::problem::Problem;
use crate::http::response::{self, HandlerResult};
use crate::visitor::{access, host_page};

/// Answers a request. Whatever goes wrong is an answer, too.
pub async fn respond(request: Request, env: Env, runtime: worker::Context) -> Response {
    let context = Context::new(&request, env, runtime);
    let outcome = answer(request, &context).await;
    response::response(outcome, &context.request_id)
}

async fn answer(request: Request, context: &Context) -> HandlerResult {
    let url = request.url()?;
    let found = table::find(request.method().as_ref(), url.path())?;
    let endpoint = found.endpoint;
    let outcome = serve(request, &url, context, found).await;
    if let Some(log) = &endpoint.log {
        write_log(context, log, &outcome);
    }
    match endpoint.caller {
        // The answer depends on the page that asks, also when it is no.
        Caller::HostPage => cors::with_headers(outcome, &[cors::vary()]),
        _ => outcome,
    }
}

/// Has a call handled, once its page, its address and its caller may make it.
async fn serve(request: Request, url: &Url, context: &Context, found: Found) -> HandlerResult {
    let Found {
        endpoint,
        handler,
        is_preflight,
    } = found;
    check_page(&request, url, endpoint)?;
    let call = Call::new(request, url, context, endpoint);
    if is_preflight {
        return host_page::preflight(call).await;
    }
    if let Some(name) = endpoint.address_limit {
        ip_rate_limit::pass(context, name).await?;
    }
    match handler {
        Handler::Anybody(handle) => handle(call.by(Anybody)?).await,
        Handler::HostPage(handle) => host_page::serve(call, *handle).await,
        Handler::Frame(handle) => handle(call.by(Frame)?).await,
        Handler::Visitor(handle) => access::serve(call, *handle).await,
        Handler::Team(handle) => team::serve(call, *handle).await,
    }
}

/// Refuses pages that may not call an endpoint, before anything else is looked at. Host pages are looked at with their
/// site.
fn check_page(request: &Request, url: &Url, endpoint: &Endpoint) -> Result<(), Problem> {
    match endpoint.caller {
        Caller::Frame | Caller::Visitor => cors::refuse_foreign_pages(request, url),
        // These calls carry nothing that a browser adds by itself.
        Caller::Anybody | Caller::HostPage | Caller::Team => Ok(()),
    }
}

/// Writes the line of the security log that an outcome deserves. Failures of ours have a log line of their own.
fn write_log(context: &Context, log: &Log, outcome: &HandlerResult) {
    match outcome {
        Ok(_) if log.is_logged_when_allowed => {
            context.record(log.action, Outcome::Allowed, None);
        }
        Err(problem) if problem.code.status() < 500 => {
            context.record(log.action, Outcome::Refused, Some(problem.code.into()));
        }
        _ => {}
    }
}
