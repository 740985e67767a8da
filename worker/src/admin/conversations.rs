//! Conversations: the team reads them from D1, and writes into them through the visitor's object, where they happen.

use oriel_shared::id::Seq;
use oriel_shared::text::label::{NAME_MAX, label};
use oriel_shared::text::{chat, markdown};
use oriel_shared::wire::admin::{AgentMessage, Conversation, ReadMark, StatusChange};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{Message, Status};
use worker::Request;

use super::Call;
use crate::calls::{self, TeamCall, TeamMessage, VisitorCall, VisitorReply};
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::http::{body, query};
use crate::store::conversations::{self, ConversationRow};
use crate::store::messages;

/// `GET /v1/admin/conversations[?site=]`
pub async fn list(call: Call<'_>) -> HandlerResult {
    let wanted = query::wanted(call.url)?;
    let only = call.only_site(query::param(call.url, "site"))?;
    let rows = conversations::list(&call.db, &call.caller.org, only.as_deref(), &wanted).await?;
    let cursor = |row: &ConversationRow| query::TimeCursor {
        at: row.updated_at.0,
        id: row.id.0.clone(),
    };
    HttpReply::ok(&query::page(rows, wanted.limit, cursor, Conversation::from))
}

/// A conversation that the caller may manage.
///
/// # Errors
/// 404 `not_found` for one that is not there and for one that is not theirs.
pub async fn find(call: &Call<'_>, id: &str) -> Result<ConversationRow, Problem> {
    let row =
        conversations::find(&call.db, &call.caller.org, call.caller.site.as_ref(), id).await?;
    let row = row.ok_or_else(|| Problem::refused(Code::NotFound))?;
    call.context.is_about(&row.site_id);
    Ok(row)
}

/// `GET /v1/admin/conversations/{id}`
pub async fn show(call: Call<'_>, id: &str) -> HandlerResult {
    HttpReply::ok(&Conversation::from(find(&call, id).await?))
}

/// `GET /v1/admin/conversations/{id}/messages`
pub async fn messages(call: Call<'_>, id: &str) -> HandlerResult {
    let conversation = find(&call, id).await?;
    let wanted = query::wanted(call.url)?;
    let rows = messages::list(&call.db, &call.caller.org, &conversation.id, &wanted).await?;
    let items = rows
        .into_iter()
        .map(Message::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    HttpReply::ok(&query::page(
        items,
        wanted.limit,
        |message| message.seq.0,
        |message| message,
    ))
}

/// `POST /v1/admin/conversations/{id}/messages`: a person answers, and the assistant goes quiet.
pub async fn say(call: Call<'_>, mut request: Request, id: &str) -> HandlerResult {
    let conversation = find(&call, id).await?;
    let asked: AgentMessage = body::json(&mut request, body::MAX_BYTES).await?;
    let text = chat::message(&asked.text).map_err(|error| Problem::field("text", &error))?;
    let author = asked.name.map(|name| label(&name, NAME_MAX)).transpose();
    let say = TeamCall::Post(TeamMessage {
        author: author.map_err(|error| Problem::field("name", &error))?,
        blocks: markdown::blocks(&text),
        text,
    });
    match ask(&call, &conversation, say).await? {
        VisitorReply::Posted(message) => HttpReply::created(&message),
        other => Err(other.unexpected()),
    }
}

/// `POST /v1/admin/conversations/{id}/typing`: the visitor sees that somebody is writing, for a few seconds.
pub async fn typing(call: Call<'_>, id: &str) -> HandlerResult {
    let conversation = find(&call, id).await?;
    done(&call, &conversation, TeamCall::Typing).await
}

/// `POST /v1/admin/conversations/{id}/read`: the visitor sees how far the team has read.
pub async fn read(call: Call<'_>, mut request: Request, id: &str) -> HandlerResult {
    let conversation = find(&call, id).await?;
    let ReadMark { seq } = body::json(&mut request, body::MAX_BYTES).await?;
    done(&call, &conversation, TeamCall::Read { seq }).await
}

/// Asks the visitor's object for something in this conversation, and in no other of the visitor's.
async fn ask(
    call: &Call<'_>,
    conversation: &ConversationRow,
    asked: TeamCall,
) -> Result<VisitorReply, Problem> {
    let asked = VisitorCall::InConversation {
        conversation: conversation.id.clone(),
        call: asked,
    };
    calls::visitor(call.env, &conversation.visitor_id, &asked).await
}

async fn done(call: &Call<'_>, conversation: &ConversationRow, asked: TeamCall) -> HandlerResult {
    match ask(call, conversation, asked).await? {
        VisitorReply::Done => Ok(HttpReply::empty()),
        other => Err(other.unexpected()),
    }
}

/// `POST /v1/admin/conversations/{id}/status`: take over (`agent`), hand back (`open`), close (`closed`).
pub async fn change_status(call: Call<'_>, mut request: Request, id: &str) -> HandlerResult {
    let mut conversation = find(&call, id).await?;
    let StatusChange { status } = body::json(&mut request, body::MAX_BYTES).await?;
    if status == Status::Waiting {
        return Err(Problem::field(
            "status",
            &"can be set to open, agent or closed; only a visitor waits",
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
