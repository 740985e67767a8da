//! From a page to a session, and out of it: the frame document, a ticket for the page, a session for the ticket.

use super::declaration::{delete, get, optional, post, required};
use crate::event::Action;
use crate::wire::problem::Code::{
    SessionExpired, SessionReused, SiteNotFound, TicketInvalid, TicketUsed, TokenExpired,
    TokenInvalid, TokenMissing,
};
use crate::wire::visitor::{
    RefreshRequest, SessionReply, SessionRequest, SiteScoped, TicketReply, TicketRequest,
};

endpoints!(
    embed,
    visitor::frame::show(Anybody) = get("/frame", "show_frame")
        .summary("The chat, for the site's pages to frame.")
        .logs_refusals(Action("frame.show"))
        .query(&[required("site"), optional("lang")])
        .replies_bytes("text/html")
        .problems(&[SiteNotFound]),
    visitor::tickets::issue(HostPage) = post("/v1/sites/{key}/tickets", "issue_ticket")
        .summary("A single-use ticket for whoever is on the page.")
        .preflight("ask_ticket", "The preflight of a ticket.")
        .logs_refusals(Action("ticket.issue"))
        .limits_addresses("tickets")
        .optional_body::<TicketRequest>()
        .replies::<TicketReply>(201)
        .problems(&[TokenMissing, TokenInvalid, TokenExpired]),
    visitor::session::open(Frame) = post("/v1/session", "open_session")
        .summary("Trades a ticket for a session.")
        .logs_refusals(Action("session.open"))
        .limits_addresses("sessions")
        .body::<SessionRequest>()
        .replies::<SessionReply>(201)
        .sets_cookie()
        .problems(&[TicketInvalid, TicketUsed, SiteNotFound]),
    visitor::session::refresh(Frame) = post("/v1/session/refresh", "refresh_session")
        .summary(
            "Trades the refresh cookie for a new one and a new access token. Without a cookie, the access token renews \
             itself.",
        )
        .logs_refusals(Action("session.refresh"))
        .limits_addresses("refreshes")
        .optional_body::<RefreshRequest>()
        .replies::<SessionReply>(200)
        .reads_cookie()
        .sets_cookie()
        .problems(&[SessionExpired, SessionReused, SiteNotFound]),
    visitor::session::end(Frame) = delete("/v1/session", "end_session")
        .summary("Ends the session whose cookie is shown.")
        .logs(Action("session.end"))
        .optional_body::<SiteScoped>()
        .replies_nothing()
        .reads_cookie()
        .sets_cookie(),
);
