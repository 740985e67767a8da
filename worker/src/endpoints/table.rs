//! The endpoints and their handlers, side by side, and the one that a request is for.

use oriel_shared::token::session::Access;
use oriel_shared::wire;
use oriel_shared::wire::api::{self, Caller, Endpoint, Method};
use oriel_shared::wire::problem::Code;

use crate::admin::team::Team;
use crate::http::call::{Anybody, Frame, Handle};
use crate::http::problem::Problem;
use crate::visitor::host_page::HostPage;
// The declarations name handlers by paths that begin with these.
use crate::{admin, health, security, visitor};

/// A handler, by who may call it.
pub enum Handler {
    Anybody(Handle<Anybody>),
    HostPage(Handle<HostPage>),
    Frame(Handle<Frame>),
    Visitor(Handle<Access>),
    Team(Handle<Team>),
}

/// Makes a table of handlers from what an area declares. A handler for another caller does not compile.
macro_rules! handlers {
    ($($caller:ident($($handler:ident)::+)),+) => {
        &[$(Handler::$caller(|call| Box::pin($($handler)::+(call)))),+]
    };
}

/// Makes a table of such tables, in the order of the areas.
macro_rules! areas {
    ($($area:ident),+) => { &[$(oriel_shared::$area!()),+] };
}

static VISITOR_HANDLERS: &[&[Handler]] = oriel_shared::visitor_handlers!();
static TEAM_HANDLERS: &[&[Handler]] = oriel_shared::team_handlers!();

/// What a request is for.
pub struct Found {
    pub endpoint: &'static Endpoint,
    pub handler: &'static Handler,
    /// Whether a browser asks if a host page may call it.
    pub is_preflight: bool,
}

/// Every endpoint with its handler.
fn table() -> impl Iterator<Item = (&'static Endpoint, &'static Handler)> {
    let visitors = api::AREAS.iter().zip(VISITOR_HANDLERS);
    let team = wire::admin::AREAS.iter().zip(TEAM_HANDLERS);
    let areas = visitors.chain(team);
    areas.flat_map(|(endpoints, handlers)| endpoints.iter().zip(*handlers))
}

/// Finds the endpoint of a request. Nothing is allocated: addresses are compared segment by segment, and only with
/// those that have as many.
///
/// # Errors
/// 404 `not_found`, or 405 `method_not_allowed` with the methods that would do.
pub fn find(method: &str, path: &str) -> Result<Found, Problem> {
    let path = path.trim_start_matches('/');
    let n_segments = path.split('/').count();
    let is_preflight = method == "OPTIONS";
    table()
        .find(|(endpoint, _)| {
            let is_asked_for = match is_preflight {
                true => endpoint.caller == Caller::HostPage,
                false => endpoint.method.name() == method,
            };
            is_asked_for && endpoint.path.matches(path, n_segments)
        })
        .map(|(endpoint, handler)| Found {
            endpoint,
            handler,
            is_preflight,
        })
        .ok_or_else(|| not_found(path, n_segments))
}

fn not_found(path: &str, n_segments: usize) -> Problem {
    let is_allowed = |method: &Method| {
        table().any(|(endpoint, _)| {
            endpoint.method == *method && endpoint.path.matches(path, n_segments)
        })
    };
    let allowed: Vec<_> = Method::ALL
        .into_iter()
        .filter(is_allowed)
        .map(Method::name)
        .collect();
    if allowed.is_empty() {
        return Problem::refused(Code::NotFound);
    }
    let allowed = allowed.join(", ");
    Problem::new(Code::MethodNotAllowed, format!("Only {allowed} here."))
        .with_header("allow", allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_found_at_its_own_address() {
        let mut n_found = 0;
        for endpoint in api::endpoints() {
            let found = find(endpoint.method.name(), endpoint.path.as_str()).ok();
            let found = found.map(|found| found.endpoint.name);
            assert_eq!(found, Some(endpoint.name));
            n_found += 1;
        }
        assert_eq!(n_found, table().count());
    }

    #[test]
    fn a_path_and_a_method_name_one_endpoint() {
        for (method, path, expected) in [
            ("GET", "/frame", Some("show_frame")),
            ("POST", "/v1/sites/pk_a/tickets", Some("issue_ticket")),
            ("OPTIONS", "/v1/sites/pk_a/tickets", Some("issue_ticket")),
            ("GET", "/v1/sites/pk_a/tickets", None),
            ("HEAD", "/frame", None),
            ("OPTIONS", "/v1/session", None),
            ("POST", "/v1/session/refresh", Some("refresh_session")),
            ("GET", "/v1/admin/sites", Some("list_sites")),
            ("GET", "/v1/admin", None),
            ("GET", "/v1/admin/sites/", Some("show_site")),
            ("GET", "/v1/admin/sites/{site}/documents/x/y", None),
            ("GET", "/", None),
            ("GET", "", None),
        ] {
            let found = find(method, path).ok().map(|found| found.endpoint.name);
            assert_eq!(found, expected, "{method} {path}");
        }
    }

    #[test]
    fn only_what_a_host_page_calls_has_a_preflight() {
        let preflight = find("OPTIONS", "/v1/sites/pk_a/tickets");
        assert!(preflight.is_ok_and(|found| found.is_preflight));
        let preflights =
            api::endpoints().filter(|endpoint| find("OPTIONS", endpoint.path.as_str()).is_ok());
        assert_eq!(
            preflights.map(|endpoint| endpoint.name).collect::<Vec<_>>(),
            ["issue_ticket"]
        );
    }

    #[test]
    fn a_known_path_with_another_method_names_the_right_ones() {
        let problem = find("PUT", "/v1/admin/sites").err().expect("not allowed");
        assert_eq!(problem.code, Code::MethodNotAllowed);
        assert_eq!(problem.headers, [("allow", "GET, POST".to_owned())]);
        let nowhere = find("PUT", "/nowhere").err().expect("nothing there");
        assert_eq!(nowhere.code, Code::NotFound);
    }
}
