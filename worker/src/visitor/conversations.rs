//! A visitor's own conversations, for visitors whom the site vouches for.

use oriel_shared::wire::visitor::OwnConversation;
use worker::Request;

use super::access;
use crate::calls::{self, OwnConversationRow, VisitorCall, VisitorReply};
use crate::http::context::Context;
use crate::http::query::{self, TimeCursor, Wanted};
use crate::http::response::{HandlerResult, HttpReply};

/// `GET /v1/conversations`: last changed first.
pub async fn list(request: &Request, context: &Context) -> HandlerResult {
    let access = access::check(request, context)?;
    let wanted: Wanted<TimeCursor> = query::wanted(&request.url()?)?;
    let call = VisitorCall::ListConversations {
        family: access.family,
    };
    let mut rows = match calls::visitor(&context.env, &access.visitor, &call).await? {
        VisitorReply::Conversations(rows) => rows,
        other => return Err(other.unexpected()),
    };
    let after = wanted.after_or_start();
    rows.retain(|row| (row.at.0, row.id.as_str()) < (after.at, &after.id));
    let cursor = |row: &OwnConversationRow| TimeCursor {
        at: row.at.0,
        id: row.id.0.clone(),
    };
    let own = |row: OwnConversationRow| OwnConversation {
        id: row.id,
        status: row.status,
        at: row.at.rfc3339(),
        preview: row.preview,
        current: row.is_current,
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, own))
}
