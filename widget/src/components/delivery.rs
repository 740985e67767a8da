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
        let again = button("", move || app.say_again(&again_id));
        say(&again, strings.again);
        let edit = button("", move || {
            app.take_back(&edit_id);
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
        set(
            &self.element,
            "class",
            if is_failed {
                "delivery failed"
            } else {
                "delivery"
            },
        );
        say(
            &self.words,
            if is_failed {
                self.strings.not_sent
            } else {
                self.strings.sending
            },
        );
        show(&self.again, is_failed);
        show(&self.edit, is_failed);
        show(&self.element, delivery != Delivery::Sent);
    }
}
