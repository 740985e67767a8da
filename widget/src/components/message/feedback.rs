//! Under an answer: two thumbs (was it any good?), and a button that copies it.

use oriel_shared::wire::visitor::Message;

use super::{copy::copy, time::time};
use crate::{
    app::App,
    dom::{Node, button, icon, quiet},
};

const THUMB: &str =
    "M7 11v9H4v-9zl4-8a2.2 2.2 0 0 1 2.6 2.7L12.8 9h5.4a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7";

/// The thumbs.
pub struct DrawnFeedback {
    /// The row of them.
    pub element: Node,
    up: Node,
    down: Node,
    shown: Option<bool>,
}

impl DrawnFeedback {
    /// Draws them for an answer, whose text is in `body`.
    pub fn new(app: &'static App, message: &Message, body: Node) -> Self {
        let seq = message.seq;
        let strings = app.strings;
        let thumb = |class: &str, name: &str, is_good: bool| {
            let thumb = button(class, "", move || {
                app.act(|chat| {
                    let is_online = chat.is_online();
                    chat.feedback.rate(seq, is_good, is_online)
                });
            });
            thumb.set("aria-label", name);
            thumb.set("title", name);
            thumb.mark("aria-pressed", false);
            thumb.add(icon(THUMB));
            thumb
        };
        let up = thumb("thumb", strings.good(), true);
        let down = thumb("thumb down", strings.bad(), false);
        Self {
            element: quiet("thumbs", vec![up, down, copy(app, body), time(message)]),
            up,
            down,
            shown: None,
        }
    }

    /// Draws the visitor's rating.
    pub fn update(&mut self, rating: Option<bool>) {
        if self.shown != rating {
            self.shown = rating;
            for (thumb, is_good) in &[(self.up, true), (self.down, false)] {
                thumb.mark("aria-pressed", rating == Some(*is_good));
            }
        }
    }
}
