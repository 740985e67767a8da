//! What happens, as it happens, and what waits for somebody.

use crate::event::Action;
use crate::wire::api::declaration::{get, optional, post};
use crate::wire::problem::Code::{ConversationNotCurrent, InvalidField, NotFound};
use crate::wire::review::{Review, ReviewChange};

endpoints!(
    reviews,
    admin::events::watch(Team) = get("/v1/admin/events", "watch_events")
        .summary(
            "What happens, as server-sent events in the shape that webhooks have, from now on or from after the header \
             `Last-Event-ID`. The event `gap` says that there is more to catch up on than is kept: read the lists.",
        )
        .replies_bytes("text/event-stream"),
    admin::reviews::list(Team) = get("/v1/admin/reviews", "list_reviews")
        .summary(
            "What the team should look at: escalations, drafts, leads, in pages, newest first.",
        )
        .query(&[optional("site"), optional("kind"), optional("status")])
        .replies_page_of::<Review>()
        .problems(&[NotFound]),
    admin::reviews::show(Team) = get("/v1/admin/reviews/{review}", "show_review")
        .summary("An item of the queue, with what became of it so far.")
        .replies::<Review>(200),
    admin::reviews::change(Team) = post("/v1/admin/reviews/{review}/status", "change_review")
        .summary(
            "Takes on, is done with, dismisses; a draft that is done is sent, as it is or as `text`.",
        )
        .audits(Action("review.status"))
        .body::<ReviewChange>()
        .replies::<Review>(200)
        .problems(&[InvalidField, ConversationNotCurrent]),
);
