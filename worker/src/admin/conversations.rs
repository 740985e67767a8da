//! Conversations: the team reads them from D1, and writes into them through the visitor's object, where they happen.

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::{Conversation, ReadMark, StatusChange};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::Status;

use super::Call;
use crate::calls::{self, TeamCall, VisitorCall, VisitorReply};
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::conversations::{self, ConversationRow};

/// Lists the conversations, the latest first.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = call.page()?;
    let only = call.only_site()?;
    let rows = conversations::list(call.db(), call.org(), only.as_deref(), &wanted).await?;
    let cursor = |row: &ConversationRow| query::TimeCursor {
        at: row.updated_at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Conversation::from))
}

/// The conversation that the path names.
///
/// # Errors
/// 404 `not_found` for one that is not there and for one that is not theirs.
pub(super) async fn find(call: &Call<'_>) -> Result<ConversationRow, Problem> {
    let id = call.param("conversation");
    let row = conversations::find(call.db(), call.org(), call.caller.site.as_ref(), id).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    call.context.set_site(&row.site_id);
    Ok(row)
}

/// Shows a conversation, without its messages.
pub async fn show(call: Call<'_>) -> HandlerResult {
    HttpReply::ok(&Conversation::from(find(&call).await?))
}

/// Shows the visitor that somebody is writing, for a few seconds.
pub async fn show_typing(call: Call<'_>) -> HandlerResult {
    let conversation = find(&call).await?;
    done(&call, &conversation, TeamCall::Typing).await
}

/// Shows the visitor how far the team has read.
pub async fn mark_read(mut call: Call<'_>) -> HandlerResult {
    let conversation = find(&call).await?;
    let ReadMark { seq } = call.body().await?;
    done(&call, &conversation, TeamCall::Read { seq }).await
}

/// Asks the visitor's object for something in this conversation, and in no other of the visitor's.
pub(super) async fn ask(
    call: &Call<'_>,
    conversation: &ConversationRow,
    asked: TeamCall,
) -> Result<VisitorReply, Problem> {
    let asked = VisitorCall::InConversation {
        conversation: conversation.id.clone(),
        call: asked,
    };
    calls::visitor(call.env(), &conversation.visitor_id, &asked).await
}

async fn done(call: &Call<'_>, conversation: &ConversationRow, asked: TeamCall) -> HandlerResult {
    match ask(call, conversation, asked).await? {
        VisitorReply::Done => Ok(HttpReply::empty()),
        other => Err(other.unexpected()),
    }
}

/// Takes a conversation over (`agent`), hands it back (`open`), or closes it (`closed`).
pub async fn change_status(mut call: Call<'_>) -> HandlerResult {
    let mut conversation = find(&call).await?;
    let StatusChange { status } = call.body().await?;
    if status == Status::Waiting {
        return Err(Problem::field(
            "status",
            &"must be one of open, agent, closed; only a visitor waits",
        ));
    }
    match ask(&call, &conversation, TeamCall::ChangeStatus { status }).await? {
        VisitorReply::Status { status, seq } => {
            conversation.status = status;
            conversation.seq = Seq(conversation.seq.0.max(seq.0));
            HttpReply::ok(&Conversation::from(conversation))
        }
        other => Err(other.unexpected()),
    }
}
