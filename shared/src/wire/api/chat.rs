//! What a visitor says and hears, by a socket and without one.

use super::declaration::{get, post};
use crate::event::Action;
use crate::wire::problem::Code::{
    ConversationBusy, ConversationNotCurrent, InvalidField, InvalidFrame, NotFound, NotVerified,
    RateLimited, SiteNotFound, TooManyConversations, UpgradeRequired,
};
use crate::wire::visitor::{ClientFrame, Message, MessageSend};

endpoints!(
    chat,
    visitor::socket::open(Visitor) = get("/v1/socket", "open_socket")
        .summary(
            "The visitor's socket. Offer the subprotocols `oriel.v1` and the access token; the first one is named back.",
        )
        .logs_refusals(Action("socket.open"))
        .replies_socket()
        .problems(&[UpgradeRequired, SiteNotFound]),
    visitor::messages::send(Visitor) = post("/v1/messages", "send_message")
        .summary("Says something without a socket. The same `id` again is the same message.")
        .logs_refusals(Action::SOCKET_FRAME)
        .body::<MessageSend>()
        .replies::<Message>(201)
        .problems(&[SiteNotFound, InvalidField, ConversationNotCurrent, RateLimited]),
    visitor::frames::send(Visitor) = post("/v1/frames", "send_frame")
        .summary("Any other frame without a socket. What it brings about is heard on the stream.")
        .logs_refusals(Action::SOCKET_FRAME)
        .body::<ClientFrame>()
        .replies_nothing()
        .problems(&[
            SiteNotFound,
            InvalidFrame,
            InvalidField,
            NotVerified,
            NotFound,
            ConversationBusy,
            TooManyConversations,
            RateLimited,
        ]),
    visitor::events::listen(Visitor) = get("/v1/events", "listen")
        .summary(
            "The frames of a socket as server-sent events: a welcome, what came after the header `Last-Event-ID`, what \
             happens. Messages have their number as `id`.",
        )
        .logs_refusals(Action("socket.open"))
        .replies_bytes("text/event-stream")
        .problems(&[SiteNotFound]),
);
