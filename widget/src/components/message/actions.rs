//! Under a message of the assistant's or the team's: two thumbs for an answer (was it any good?), a button that copies
//! the message, and when it was stored.

use oriel_shared::{
    id::Seq,
    wire::visitor::{Message, Role},
};

use super::{copy::copy, time::time};
use crate::{
    app::App,
    dom::{Node, button, icon, quiet},
    state::Chat,
};

const THUMB: &str =
    "M7 11v9H4v-9zl4-8a2.2 2.2 0 0 1 2.6 2.7L12.8 9h5.4a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7";

/// The row of them.
pub struct DrawnActions {
    seq: Seq,
    /// Up and down; none under a message of the team's.
    thumbs: Option<[Node; 2]>,
    shown: Option<bool>,
}

impl DrawnActions {
    /// Draws them for a message, whose text is in `body`, at the end of its row.
    pub fn new(app: &'static App, message: &Message, [row, body]: [Node; 2]) -> Self {
        let (copy, time) = (copy(app, body), time(message));
        let mut actions = Self {
            seq: message.seq,
            thumbs: None,
            shown: None,
        };
        let nodes = if message.role == Role::Assistant {
            let strings = app.strings;
            let up = thumb(app, message.seq, "thumb", strings.good(), true);
            let down = thumb(app, message.seq, "thumb down", strings.bad(), false);
            actions.thumbs = Some([up, down]);
            vec![up, down, copy, time]
        } else {
            vec![copy, time]
        };
        row.add(quiet("thumbs", nodes));
        actions
    }

    /// Draws what the visitor says of the message.
    pub fn update(&mut self, chat: &Chat) {
        let rating = chat.feedback.get(self.seq);
        if let Some([up, down]) = self.thumbs
            && self.shown != rating
        {
            self.shown = rating;
            up.mark("aria-pressed", rating == Some(true));
            down.mark("aria-pressed", rating == Some(false));
        }
    }
}

fn thumb(app: &'static App, seq: Seq, class: &str, name: &str, is_good: bool) -> Node {
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
}
