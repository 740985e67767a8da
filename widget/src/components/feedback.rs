//! Two thumbs under an answer: was it any good?

use oriel_shared::id::Seq;

use crate::{
    app::App,
    browser,
    dom::{Node, button, element, icon},
};

const THUMB: &str =
    "M7 11v9H4v-9zl4-8a2.2 2.2 0 0 1 2.6 2.7L12.8 9h5.4a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7";

/// The thumbs.
pub struct DrawnFeedback {
    /// The pair.
    pub element: Node,
    up: Node,
    down: Node,
    shown: Option<bool>,
}

impl DrawnFeedback {
    /// Draws them.
    pub fn new(app: &'static App, seq: Seq) -> Self {
        let strings = app.strings;
        let thumb = |class: &str, name: &str, is_good: bool| {
            let thumb = button(class, "", move || app.judge(seq, is_good));
            thumb.set("aria-label", name);
            thumb.set("title", name);
            thumb.mark("aria-pressed", false);
            thumb.add(icon(THUMB));
            thumb
        };
        let up = thumb("thumb", strings.good, true);
        let down = thumb("thumb down", strings.bad, false);
        let pair = element("div", "thumbs", &[]);
        // The log announces what comes into it. The thumbs come a moment after their answer, unannounced.
        pair.set("aria-live", "off");
        browser::after(0, move || {
            pair.add(up);
            pair.add(down);
        });
        Self {
            element: pair,
            up,
            down,
            shown: None,
        }
    }

    /// Brings them in step.
    pub fn update(&mut self, given: Option<bool>) {
        if self.shown != given {
            self.shown = given;
            for (thumb, is_good) in [(self.up, true), (self.down, false)] {
                thumb.mark("aria-pressed", given == Some(is_good));
            }
        }
    }
}
