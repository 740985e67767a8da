//! What visitors have here: to look at, to take along, and to be erased.

use super::declaration::{delete, get, optional};
use crate::event::Action;
use crate::wire::problem::Code::{NotFound, NotVerified, SiteNotFound, TokenExpired, TokenInvalid};
use crate::wire::transcript::Transcript;
use crate::wire::visitor::OwnConversation;

endpoints!(
    own_data,
    visitor::conversations::list(Visitor) = get("/v1/conversations", "list_own_conversations")
        .summary("The visitor's own conversations, last changed first; for verified visitors.")
        .logs_refusals(Action("transcript.read"))
        .replies_page_of::<OwnConversation>()
        .problems(&[SiteNotFound, NotVerified]),
    visitor::transcript::show(Visitor) = get("/v1/transcript", "show_transcript")
        .summary(
            "Everything that was said, to take along: as text with `Accept: text/plain`, else as JSON. Of the current \
             conversation, or of another one of the visitor's own.",
        )
        .logs_refusals(Action("transcript.read"))
        .query(&[optional("conversation")])
        .replies::<Transcript>(200)
        .replies_bytes("text/plain")
        .problems(&[NotFound]),
    visitor::own_data::erase(Visitor) = delete("/v1/visitor", "erase_visitor")
        .summary("Erases everything of the visitor, and ends the session.")
        .logs(Action::VISITOR_ERASE)
        .replies_nothing()
        .sets_cookie(),
    // The handler writes the audit trail's line itself: without it, no transcript is sent.
    admin::downloads::show(Anybody) = get("/v1/downloads/{token}", "download_transcript")
        .summary("The transcript that a link gives.")
        .logs(Action::TRANSCRIPT_DOWNLOAD)
        .limits_addresses("downloads")
        .replies::<Transcript>(200)
        .replies_bytes("text/plain")
        .problems(&[TokenInvalid, TokenExpired, NotFound]),
);
