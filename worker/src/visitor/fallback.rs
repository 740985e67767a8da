//! The conversation without a socket, for networks that swallow them: the same frames, out as server-sent events and in
//! as requests.

use oriel_shared::id::Seq;
use oriel_shared::token::session::Access;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, MessageSend, ServerFrame};
use worker::Request;

use super::access;
use crate::calls::{self, StreamRequest, VisitorCall, VisitorReply};
use crate::http::body;
use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// `POST /v1/messages`: says something. Answers with the message as it is stored, also when it was sent before.
pub async fn send(mut request: Request, context: &Context) -> HandlerResult {
    let access = access::check(&request, context)?;
    let MessageSend {
        id,
        text,
        conversation,
    } = body::json(&mut request, body::MAX_BYTES).await?;
    let sent = ClientFrame::Send {
        id: id.clone(),
        text,
        conversation,
    };
    let replies = deliver(context, access, sent).await?;
    let stored = replies.into_iter().find_map(|frame| match frame {
        ServerFrame::Message(message) if message.id == id => Some(message),
        _ => None,
    });
    HttpReply::created(&stored.ok_or_else(|| Problem::ours("log", &"a message without an echo"))?)
}

/// `POST /v1/frames`: every other frame. What it brings about is heard on the stream.
pub async fn frame(mut request: Request, context: &Context) -> HandlerResult {
    let access = access::check(&request, context)?;
    let frame: ClientFrame = body::json(&mut request, body::MAX_BYTES).await?;
    if matches!(frame, ClientFrame::Send { .. } | ClientFrame::Resume { .. }) {
        return Err(Problem::new(
            Code::InvalidFrame,
            "`send` is `POST /v1/messages` here, and `resume` the header `Last-Event-ID` of the stream.",
        ));
    }
    deliver(context, access, frame).await?;
    Ok(HttpReply::empty())
}

/// `GET /v1/events`: a welcome, everything after `Last-Event-ID`, and from then on what happens.
pub async fn listen(request: &Request, context: &Context) -> HandlerResult {
    let access = access::check(request, context)?;
    let after = match request.headers().get("last-event-id")? {
        None => Seq(0),
        Some(text) => Seq(text.trim().parse().map_err(|_| {
            Problem::new(
                Code::InvalidQuery,
                "`Last-Event-ID` is the sequence number of a message.",
            )
        })?),
    };
    let stream = calls::listen(&context.env, &StreamRequest { access, after }).await?;
    Ok(HttpReply::events(stream))
}

/// Hands a frame to the visitor's object, and has what it asks answered after this request is. What the object refuses is
/// this call's refusal.
async fn deliver(
    context: &Context,
    access: Access,
    frame: ClientFrame,
) -> Result<Vec<ServerFrame>, Problem> {
    let visitor = access.visitor.clone();
    let call = VisitorCall::ReceiveFrame {
        family: access.family,
        frame,
    };
    let (replies, has_question) = match calls::visitor(&context.env, &visitor, &call).await? {
        VisitorReply::FrameReceived {
            replies,
            has_question,
        } => (replies, has_question),
        other => return Err(other.unexpected()),
    };
    if has_question {
        let env = context.env.clone();
        // Should this instance die first, the object's alarm answers.
        context.afterwards(async move {
            calls::visitor(&env, &visitor, &VisitorCall::AnswerPending)
                .await
                .ok();
        });
    }
    Ok(replies)
}
