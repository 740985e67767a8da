//! Messages without a socket.

use oriel_shared::token::session::Access;
use oriel_shared::wire::visitor::{ClientFrame, MessageSend, ServerFrame};

use super::frames;
use crate::http::call::Call;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// Takes a message, and answers with it as it is stored, also when it was sent before.
pub async fn send(mut call: Call<'_, Access>) -> HandlerResult {
    let MessageSend {
        id,
        text,
        conversation,
    } = call.body().await?;
    let frame = ClientFrame::Send {
        id: id.clone(),
        text,
        conversation,
    };
    let replies = frames::deliver(&call, frame).await?;
    let stored = replies.into_iter().find_map(|frame| match frame {
        ServerFrame::Message(message) if message.id == id => Some(message),
        _ => None,
    });
    HttpReply::created(&stored.ok_or_else(|| Problem::ours("log", &"a message without an echo"))?)
}
