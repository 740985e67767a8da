//! A visitor's own conversations, for visitors whom the site vouches for.

use oriel_shared::token::session::Access;
use oriel_shared::wire::visitor::OwnConversation;

use crate::calls::{self, OwnConversationRow, VisitorCall, VisitorReply};
use crate::http::call::Call;
use crate::http::query::{self, PageRequest, TimeCursor};
use crate::http::response::{HandlerResult, HttpReply};

/// Lists them, last changed first.
pub async fn list(call: Call<'_, Access>) -> HandlerResult {
    let wanted: PageRequest<TimeCursor> = call.page()?;
    let list = VisitorCall::ListConversations {
        family: call.caller.family.clone(),
    };
    let mut rows = match calls::visitor(call.env(), &call.caller.visitor, &list).await? {
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
