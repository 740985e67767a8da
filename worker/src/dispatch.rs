//! From a route to who handles it: what is tried is noted for the security log, a caller of the management API shows a
//! key first, and what the team changed is written to the audit trail.

use oriel_shared::event::{Action, Actor};
use worker::{Request, Url};

use crate::admin::{
    access, audit, budget, connections, conversations, deliveries, documents, downloads, embed,
    events, imports, reviews, signing_keys, sites, visitors,
};
use crate::http::context::Context;
use crate::http::response::HandlerResult;
use crate::routes::{AdminRoute, Route, route, unrouted};
use crate::store::Db;
use crate::visitor::{
    conversations as own, fallback, frame, own_data, session, socket, tickets, transcript,
};
use crate::{admin, health, security};

/// Has a request handled.
///
/// # Errors
/// The handler's, 404 `not_found` or 405 `method_not_allowed`.
pub async fn dispatch(request: Request, context: &Context) -> HandlerResult {
    let url = request.url()?;
    let path: Vec<&str> = url.path().trim_start_matches('/').split('/').collect();
    let method = request.method();
    let Some(route) = route(&method, &path) else {
        return Err(unrouted(&path));
    };
    if let Some(action) = route.action() {
        context.tries(action);
    }
    match route {
        Route::Alive => health::alive(),
        Route::Ready => health::ready(&context.env).await,
        Route::SecurityContact => security::contact(&context.env, &url),
        Route::Frame => frame::show(&request, &url, context).await,
        Route::AskTicket { key } => tickets::preflight(&request, context, key).await,
        Route::IssueTicket { key } => tickets::issue(request, context, key).await,
        Route::OpenSession => session::open(request, context).await,
        Route::RefreshSession => session::refresh(request, context).await,
        Route::EndSession => session::end(request, context).await,
        Route::OpenSocket => socket::open(&request, context).await,
        Route::SendMessage => fallback::send(request, context).await,
        Route::SendFrame => fallback::frame(request, context).await,
        Route::Listen => fallback::listen(&request, context).await,
        Route::ListOwnConversations => own::list(&request, context).await,
        Route::ShowTranscript => transcript::show(&request, context).await,
        Route::EraseVisitor => own_data::erase(&request, context).await,
        Route::Download { token } => downloads::send(context, token).await,
        Route::Admin(route) => manage(route, request, context, &url).await,
    }
}

/// A request of the team, behind the check of its key.
async fn manage(
    route: AdminRoute<'_>,
    request: Request,
    context: &Context,
    url: &Url,
) -> HandlerResult {
    let db = Db::open(&context.env)?;
    let caller = access::check(&request, &db).await?;
    context.is_by(Actor::ApiKey(caller.key.clone()));
    let call = admin::Call {
        caller,
        db,
        env: &context.env,
        context,
        url,
    };
    let org = call.caller.org.clone();
    let (action, target) = (route.action(), route.target());
    let outcome = handle(route, call, request).await;
    // An erasure writes its line itself, together with the deletion.
    let is_told = action.is_logged_when_allowed() && action != Action::VisitorErase;
    if outcome.is_ok() && is_told {
        audit::record(context, &org, action, target).await;
    }
    outcome
}

async fn handle(route: AdminRoute<'_>, call: admin::Call<'_>, request: Request) -> HandlerResult {
    match route {
        AdminRoute::CreateSite => sites::create(call, request).await,
        AdminRoute::ListSites => sites::list(call).await,
        AdminRoute::ShowSite { site } => sites::show(call, site).await,
        AdminRoute::ChangeSite { site } => sites::change(call, request, site).await,
        AdminRoute::RevokeSessions { site } => sites::revoke_sessions(call, site).await,
        AdminRoute::CreateSigningKey { site } => signing_keys::create(call, site).await,
        AdminRoute::RevokeSigningKey { site, kid } => signing_keys::revoke(call, site, kid).await,
        AdminRoute::ShowEmbed { site } => embed::show(call, site).await,
        AdminRoute::CreateDocument { site } => documents::create(call, request, site).await,
        AdminRoute::ListDocuments { site } => documents::list(call, site).await,
        AdminRoute::ShowDocument { site, document } => documents::show(call, site, document).await,
        AdminRoute::ChangeDocument { site, document } => {
            documents::change(call, request, site, document).await
        }
        AdminRoute::DeleteDocument { site, document } => {
            documents::delete(call, site, document).await
        }
        AdminRoute::StartImport { site } => imports::start(call, request, site).await,
        AdminRoute::ListImports { site } => imports::list(call, site).await,
        AdminRoute::ShowImport { site, import } => imports::show(call, site, import).await,
        AdminRoute::CancelImport { site, import } => imports::cancel(call, site, import).await,
        AdminRoute::ListConversations => conversations::list(call).await,
        AdminRoute::ShowConversation { conversation } => {
            conversations::show(call, conversation).await
        }
        AdminRoute::ListMessages { conversation } => {
            conversations::messages(call, conversation).await
        }
        AdminRoute::SayAsAgent { conversation } => {
            conversations::say(call, request, conversation).await
        }
        AdminRoute::ChangeStatus { conversation } => {
            conversations::change_status(call, request, conversation).await
        }
        AdminRoute::ShowTyping { conversation } => conversations::typing(call, conversation).await,
        AdminRoute::MarkRead { conversation } => {
            conversations::read(call, request, conversation).await
        }
        AdminRoute::WatchEvents => events::watch(call, request).await,
        AdminRoute::ShowBudget => budget::show(call).await,
        AdminRoute::ChangeBudget => budget::change(call, request).await,
        AdminRoute::ListUsage => budget::usage(call).await,
        AdminRoute::ListReviews => reviews::list(call).await,
        AdminRoute::ShowReview { review } => reviews::show(call, review).await,
        AdminRoute::ChangeReview { review } => reviews::change(call, request, review).await,
        AdminRoute::CreateConnection => connections::create(call, request).await,
        AdminRoute::ListConnections => connections::list(call).await,
        AdminRoute::ShowConnection { connection } => connections::show(call, connection).await,
        AdminRoute::ChangeConnection { connection } => {
            connections::change(call, request, connection).await
        }
        AdminRoute::DeleteConnection { connection } => connections::delete(call, connection).await,
        AdminRoute::ListDeliveries { connection } => deliveries::list(call, connection).await,
        AdminRoute::ReplayDelivery {
            connection,
            delivery,
        } => deliveries::replay(call, connection, delivery).await,
        AdminRoute::LinkTranscript { conversation } => {
            downloads::link(call, request, conversation).await
        }
        AdminRoute::ExportVisitor { visitor } => visitors::export(call, visitor).await,
        AdminRoute::EraseVisitor { visitor } => visitors::erase(call, visitor).await,
        AdminRoute::ListAudit => audit::list(call).await,
    }
}
