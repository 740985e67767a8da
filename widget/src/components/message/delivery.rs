//! How far one of the visitor's messages has come, and what can be done about one that the edge refused.

use super::super::composer;
use crate::{app::App, dom::Node, state::selectors::Delivery, strings::Strings};

/// The line under a message.
pub struct DrawnDelivery {
    line: Node,
    text: Node,
    retry: Node,
    edit: Node,
    strings: &'static Strings,
}

impl DrawnDelivery {
    /// Takes over the line of a row that the document's template has made.
    pub fn new(app: &'static App, id: &str, line: Node) -> Self {
        let [text, retry, edit] = [0, 1, 2].map(|place| line.child(place));
        let (retry_id, edit_id) = (id.to_owned(), id.to_owned());
        retry.listen("click", move || {
            app.act(|chat| chat.outgoing.retry(&retry_id));
            composer::focus();
        });
        edit.listen("click", move || {
            app.chat.update(|chat| chat.edit_failed(&edit_id));
            composer::focus();
        });
        Self {
            line,
            text,
            retry,
            edit,
            strings: app.strings,
        }
    }

    /// Draws how far the message has come.
    pub fn update(&self, delivery: Delivery) {
        let is_failed = delivery == Delivery::Failed;
        let (class, text) = match delivery {
            Delivery::Failed => ("delivery failed", self.strings.not_sent()),
            Delivery::Seen => ("delivery seen", self.strings.seen()),
            Delivery::Sending | Delivery::Sent => ("delivery", self.strings.sending()),
        };
        self.line.set("class", class);
        self.text.set_text(text);
        self.retry.show(is_failed);
        self.edit.show(is_failed);
        self.line.show(delivery != Delivery::Sent);
    }
}
