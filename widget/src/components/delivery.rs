//! How far one of the visitor's messages has come, and what can be done about one that was refused.

use super::composer;
use crate::{
    app::App,
    dom::{Node, button, element},
    state::Delivery,
    strings::Strings,
};

/// The line under a message.
pub struct DrawnDelivery {
    /// The line.
    pub element: Node,
    words: Node,
    again: Node,
    edit: Node,
    strings: &'static Strings,
}

impl DrawnDelivery {
    /// Draws the line.
    pub fn new(app: &'static App, id: &str) -> Self {
        let strings = app.strings;
        let words = element("span", "", &[]);
        let (again_id, edit_id) = (id.to_owned(), id.to_owned());
        let again = button("", strings.again(), move || {
            app.say_again(&again_id);
            composer::focus();
        });
        let edit = button("", strings.edit(), move || {
            app.change(|chat| chat.take_back(&edit_id));
            composer::focus();
        });
        Self {
            element: element("div", "", &[words, again, edit]),
            words,
            again,
            edit,
            strings,
        }
    }

    /// Brings the line in step.
    pub fn update(&self, delivery: Delivery) {
        let is_failed = delivery == Delivery::Failed;
        let (class, words) = match delivery {
            Delivery::Failed => ("delivery failed", self.strings.not_sent()),
            Delivery::Seen => ("delivery seen", self.strings.seen()),
            _ => ("delivery", self.strings.sending()),
        };
        self.element.set("class", class);
        self.words.say(words);
        self.again.show(is_failed);
        self.edit.show(is_failed);
        self.element.show(delivery != Delivery::Sent);
    }
}
