//! The messages of a conversation, as the team reads them and adds to them.

use oriel_shared::text::label::{NAME_MAX, label};
use oriel_shared::text::{chat, markdown};
use oriel_shared::wire::admin::AgentMessage;
use oriel_shared::wire::visitor::Message;

use super::{Call, conversations};
use crate::calls::{TeamCall, TeamMessage, VisitorReply};
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::messages;

/// Lists the messages of a conversation, in the order of their numbers.
pub async fn list(call: Call<'_>) -> HandlerResult {
    let conversation = conversations::find(&call).await?;
    let wanted = call.page()?;
    let rows = messages::list(call.db(), call.org(), &conversation.id, &wanted).await?;
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

/// Says something as a person; the assistant goes quiet.
pub async fn create(mut call: Call<'_>) -> HandlerResult {
    let conversation = conversations::find(&call).await?;
    let asked: AgentMessage = call.body().await?;
    let text = chat::message(&asked.text).map_err(|error| Problem::field("text", &error))?;
    let author = asked.name.map(|name| label(&name, NAME_MAX)).transpose();
    let post = TeamCall::Post(TeamMessage {
        author: author.map_err(|error| Problem::field("name", &error))?,
        blocks: markdown::blocks(&text),
        text,
    });
    match conversations::ask(&call, &conversation, post).await? {
        VisitorReply::Posted(message) => HttpReply::created(&message),
        other => Err(other.unexpected()),
    }
}
