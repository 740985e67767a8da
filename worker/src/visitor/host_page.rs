//! Who is calling from a customer's page: a page that the site's safelist names. The browser says which one it is, and
//! lets it read the answer only when the answer names it.

use std::rc::Rc;

use oriel_shared::event::Actor;
use oriel_shared::origin;
use oriel_shared::wire::problem::Code;

use crate::http::call::{Call, Handle, Unknown};
use crate::http::cors;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::sites::{self, LiveSite};

/// A page that may embed the site which the call's path names.
pub struct HostPage {
    /// The site.
    pub site: Rc<LiveSite>,
}

/// Has a call of a host page handled. From where its origin is known to be good, the page may read why it is refused.
///
/// # Errors
/// 404 `site_not_found`, 403 `origin_not_allowed`, the handler's.
pub async fn serve(call: Call<'_, Unknown>, handle: Handle<HostPage>) -> HandlerResult {
    let site = sites::find(call.env(), call.param("key")).await?;
    call.context
        .set_actor(Actor::Site(site.owned.site.id.clone()));
    let headers = admitted_origin(&call, &site)?.map(|origin| cors::allow(&origin));
    let outcome = match call.by(HostPage { site }) {
        Ok(call) => handle(call).await,
        Err(problem) => Err(problem),
    };
    cors::with_headers(outcome, &headers.unwrap_or_default())
}

/// Tells a browser whether the page that it shows may make this call.
///
/// # Errors
/// 404 `site_not_found`, 403 `origin_not_allowed`.
pub async fn preflight(call: Call<'_, Unknown>) -> HandlerResult {
    let site = sites::find(call.env(), call.param("key")).await?;
    let method = call.endpoint.method.name();
    let headers = admitted_origin(&call, &site)?.map(|origin| cors::preflight(&origin, method));
    let outcome = call
        .by(HostPage { site })
        .map(|_may_call| HttpReply::empty());
    cors::with_headers(outcome, &headers.unwrap_or_default())
}

/// The origin of the page that asks, if it may embed the site.
fn admitted_origin(call: &Call<'_, Unknown>, site: &LiveSite) -> Result<Option<String>, Problem> {
    let sent = cors::origin(call.request())?;
    let embedders = site.embedders();
    if embedders == ["*"] {
        // A signed site that may be embedded anywhere: native apps send no origin, or `null`.
        return Ok(sent);
    }
    let refused = || Problem::refused(Code::OriginNotAllowed);
    let sent = sent.ok_or_else(refused)?;
    let normal = origin::parse_origin(&sent).ok_or_else(refused)?;
    if origin::admits(&embedders, &normal) {
        Ok(Some(sent))
    } else {
        Err(refused())
    }
}
