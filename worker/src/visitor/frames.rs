//! Frames without a socket, for networks that swallow sockets: the client's frames as requests, and the server's as
//! server-sent events (`events`).

use oriel_shared::token::session::Access;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, ServerFrame};

use crate::calls::{self, VisitorCall, VisitorReply};
use crate::http::call::Call;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};

/// Takes any frame but a message. What it brings about is heard on the stream.
pub async fn send(mut call: Call<'_, Access>) -> HandlerResult {
    let frame: ClientFrame = call.body().await?;
    if matches!(frame, ClientFrame::Send { .. } | ClientFrame::Resume { .. }) {
        return Err(Problem::new(
            Code::InvalidFrame,
            "`send` is `POST /v1/messages` here, and `resume` the header `Last-Event-ID` of the stream.",
        ));
    }
    deliver(&call, frame).await?;
    Ok(HttpReply::empty())
}

/// Brings a frame to the visitor's object, which answers with the frames for this client alone. A question in it is
/// answered after this request is.
///
/// # Errors
/// What the object refuses is refused here.
pub(super) async fn deliver(
    call: &Call<'_, Access>,
    frame: ClientFrame,
) -> Result<Vec<ServerFrame>, Problem> {
    let visitor = call.caller.visitor.clone();
    let receive = VisitorCall::ReceiveFrame {
        family: call.caller.family.clone(),
        frame,
    };
    let (replies, has_question) = match calls::visitor(call.env(), &visitor, &receive).await? {
        VisitorReply::FrameReceived {
            replies,
            has_question,
        } => (replies, has_question),
        other => return Err(other.unexpected()),
    };
    if has_question {
        let env = call.env().clone();
        // If this instance ends first, the object's alarm answers.
        call.context.afterwards(async move {
            calls::visitor(&env, &visitor, &VisitorCall::AnswerPending)
                .await
                .ok();
        });
    }
    Ok(replies)
}
