//! When a message was stored.

use oriel_shared::wire::visitor::Message;

use crate::{
    dom::{Node, with_text},
    when,
};

/// Draws the time of day; the full date is its title.
pub fn time(message: &Message) -> Node {
    let at = &*message.at.0;
    let time = with_text("time", "fine", &when::time_of_day(at));
    time.set("datetime", at);
    time.set("title", &when::in_full(at));
    time
}
