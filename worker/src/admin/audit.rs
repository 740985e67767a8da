//! The audit trail: one line for each change that the team or a visitor made, and for what the edge did by itself.
//!
//! A change by the management API gets its line when it is done, in one place for all of them ([`record`]). The line
//! names only ids of ours, and everything of a visitor's by a keyed hash.

use oriel_shared::event::{Action, Actor};
use oriel_shared::id::{AuditId, OrgId};
use oriel_shared::wire::admin::AuditLine;

use super::Call;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::Db;
use crate::store::audit::{self, AuditRow, DoneBy, NewAuditLine};
use crate::{clock, config};

/// Lists the lines, the newest first. The parameter `target` is an id; what is a visitor's is found by it, too.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = call.page()?;
    let site = call.only_site()?;
    let target = match call.query("target") {
        Some(id) => Some(config::token_key(call.env())?.audit_name(&id)),
        None => None,
    };
    let rows = audit::list(
        call.db(),
        call.org(),
        site.as_deref(),
        target.as_deref(),
        &wanted,
    )
    .await?;
    let cursor = |row: &AuditRow| query::TimeCursor {
        at: row.at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, AuditLine::from))
}

/// Writes the line of a change that was made. The change stands even if its line cannot be written; then the runtime's
/// log has it.
pub async fn record(context: &Context, org: &OrgId, action: Action, target: Option<&str>) {
    if let Err(problem) = try_record(context, org, action, target).await {
        let line = serde_json::json!({
            "event": "audit_lost", "org": org, "action": action, "request_id": context.request_id,
            "cause": problem.cause(),
        });
        worker::console_error!("{line}");
    }
}

/// Writes the line of something that must not be done without one.
///
/// # Errors
/// When the line was not written.
pub async fn try_record(
    context: &Context,
    org: &OrgId,
    action: Action,
    target: Option<&str>,
) -> Result<(), Problem> {
    let by = match context.actor() {
        Actor::ApiKey(key) => DoneBy::ApiKey(key),
        Actor::Link(key) => DoneBy::Link(key),
        _ => return Err(Problem::ours("audit", &"the caller is not proven")),
    };
    let subject = context.subject();
    // A call that names nothing is about the organisation.
    let target = subject.made.as_deref().or(target).unwrap_or(org.as_str());
    let target = config::token_key(&context.env)?.audit_name(target);
    let line = NewAuditLine {
        id: AuditId::from_random(clock::random()?),
        org,
        site: subject.site.as_ref(),
        at: clock::now(),
        by: &by,
        action,
        target: Some(&target),
        n: None,
    };
    audit::write(&Db::open(&context.env)?, &line).await
}
