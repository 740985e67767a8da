//! How far one of the visitor's messages has come, and what can be done about one that was refused.

use web_sys::Element;

use super::composer;
use crate::{
    app::App,
    dom::{button, element, say, set, show},
    state::Delivery,
    strings::Strings,
};

/// The line under a message.
pub struct DrawnDelivery {
    /// The line.
    pub element: Element,
    words: Element,
    again: Element,
    edit: Element,
    strings: &'static Strings,
}

impl DrawnDelivery {
    /// Draws the line.
    pub fn new(app: &'static App, id: &str) -> Self {
        let strings = app.strings;
        let words = element("span", "", &[]);
        let (again_id, edit_id) = (id.to_owned(), id.to_owned());
        let again = button("", move || {
            app.say_again(&again_id);
            composer::focus();
        });
        say(&again, strings.again);
        let edit = button("", move || {
            app.change(|chat| chat.take_back(&edit_id));
            composer::focus();
        });
        say(&edit, strings.edit);
        Self {
            element: element("div", "", &[&words, &again, &edit]),
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
            Delivery::Failed => ("delivery failed", self.strings.not_sent),
            Delivery::Seen => ("delivery seen", self.strings.seen),
            _ => ("delivery", self.strings.sending),
        };
        set(&self.element, "class", class);
        say(&self.words, words);
        show(&self.again, is_failed);
        show(&self.edit, is_failed);
        show(&self.element, delivery != Delivery::Sent);
    }
}
