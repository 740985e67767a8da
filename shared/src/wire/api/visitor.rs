//! Calls for a visitor: of the page, of the frame before it has a session, and with an access token.

use super::operation::Caller::{Frame, HostPage, Visitor};
use super::operation::{Operation, delete, get, operation, post};
use crate::wire::problem::Code::{
    self, ConversationBusy, ConversationNotCurrent, InvalidField, InvalidFrame, InvalidQuery,
    NotFound, NotVerified, OriginNotAllowed, RateLimited, SessionExpired, SessionReused,
    SiteNotFound, TicketInvalid, TicketUsed, TokenExpired, TokenInvalid, TokenMissing,
    TooManyConversations, UpgradeRequired,
};
use crate::wire::transcript::Transcript;
use crate::wire::visitor::{
    ClientFrame, Message, MessageSend, OwnConversation, RefreshRequest, SessionReply,
    SessionRequest, SiteScoped, TicketReply, TicketRequest,
};

/// What every call with an access token may be refused for.
const VISITOR_REFUSALS: &[Code] = &[
    OriginNotAllowed,
    TokenInvalid,
    TokenExpired,
    SessionExpired,
    SiteNotFound,
];

pub(super) fn calls() -> Vec<Operation> {
    [session(), conversation(), own_data()]
        .into_iter()
        .flatten()
        .collect()
}

/// From a page to a session, and out of it.
fn session() -> Vec<Operation> {
    vec![
        operation(
            "OPTIONS",
            "/v1/sites/{key}/tickets",
            "ask_ticket",
            HostPage,
            "The preflight of a ticket.",
        )
        .gives_nothing(204)
        .refuses(&[OriginNotAllowed, SiteNotFound]),
        post(
            "/v1/sites/{key}/tickets",
            "issue_ticket",
            HostPage,
            "A single-use ticket for whoever is on the page.",
        )
        .may_take::<TicketRequest>()
        .gives::<TicketReply>(201)
        .refuses(&[
            OriginNotAllowed,
            SiteNotFound,
            TokenMissing,
            TokenInvalid,
            TokenExpired,
            RateLimited,
        ]),
        post(
            "/v1/session",
            "open_session",
            Frame,
            "Trades a ticket for a session.",
        )
        .takes::<SessionRequest>()
        .gives::<SessionReply>(201)
        .sets_cookie()
        .refuses(&[TicketInvalid, TicketUsed, SiteNotFound, RateLimited]),
        post(
            "/v1/session/refresh",
            "refresh_session",
            Frame,
            "Trades the refresh cookie for a new one and a new access token. Without a cookie, the access token renews \
             itself.",
        )
        .may_take::<RefreshRequest>()
        .gives::<SessionReply>(200)
        .sets_cookie()
        .refuses(&[SessionExpired, SessionReused, SiteNotFound, RateLimited]),
        delete(
            "/v1/session",
            "end_session",
            Frame,
            "Ends the session whose cookie is shown.",
        )
        .may_take::<SiteScoped>()
        .gives_nothing(204)
        .sets_cookie(),
    ]
}

/// What is said, by a socket and without one.
fn conversation() -> Vec<Operation> {
    vec![
        get(
            "/v1/socket",
            "open_socket",
            Visitor,
            "The visitor's socket. Offer the subprotocols `oriel.v1` and the access token; the first one is named back.",
        )
        .gives_socket()
        .refuses(&[
            UpgradeRequired,
            OriginNotAllowed,
            TokenInvalid,
            TokenExpired,
            SessionExpired,
            SiteNotFound,
        ]),
        post(
            "/v1/messages",
            "send_message",
            Visitor,
            "Says something without a socket. The same `id` again is the same message.",
        )
        .takes::<MessageSend>()
        .gives::<Message>(201)
        .refuses(VISITOR_REFUSALS)
        .refuses(&[InvalidField, ConversationNotCurrent, RateLimited]),
        post(
            "/v1/frames",
            "send_frame",
            Visitor,
            "Any other frame without a socket. What it brings about is heard on the stream.",
        )
        .takes::<ClientFrame>()
        .gives_nothing(204)
        .refuses(VISITOR_REFUSALS)
        .refuses(&[
            InvalidFrame,
            InvalidField,
            NotVerified,
            NotFound,
            ConversationBusy,
            TooManyConversations,
            RateLimited,
        ]),
        get(
            "/v1/events",
            "listen",
            Visitor,
            "The frames of a socket as server-sent events: a welcome, what came after the header `Last-Event-ID`, what \
             happens. Messages have their number as `id`.",
        )
        .gives_bytes("text/event-stream")
        .refuses(VISITOR_REFUSALS)
        .refuses(&[InvalidQuery]),
    ]
}

/// What the visitor has here, to look at, to take along, and to be erased.
fn own_data() -> Vec<Operation> {
    vec![
        get(
            "/v1/conversations",
            "list_own_conversations",
            Visitor,
            "The visitor's own conversations, last changed first; for verified visitors.",
        )
        .gives_pages_of::<OwnConversation>()
        .refuses(VISITOR_REFUSALS)
        .refuses(&[NotVerified]),
        get(
            "/v1/transcript",
            "show_transcript",
            Visitor,
            "Everything that was said, to take along: as text with `Accept: text/plain`, else as JSON. Of the current \
             conversation, or of another one of the visitor's own.",
        )
        .may_ask_for("conversation")
        .gives::<Transcript>(200)
        .gives_bytes("text/plain")
        .refuses(&[
            OriginNotAllowed,
            TokenInvalid,
            TokenExpired,
            SessionExpired,
            NotFound,
        ]),
        delete(
            "/v1/visitor",
            "erase_visitor",
            Visitor,
            "Erases everything of the visitor, and ends the session.",
        )
        .gives_nothing(204)
        .sets_cookie()
        .refuses(&[OriginNotAllowed, TokenInvalid, TokenExpired, SessionExpired]),
    ]
}
