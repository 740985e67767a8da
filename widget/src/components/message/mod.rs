//! One row of the log: whose it is, the text, and under it what its kind has. An answer grows while it is streamed.

mod actions;
mod copy;
mod delivery;
mod rich_text;
mod sources;
mod time;

use oriel_shared::{
    ascii_split::split,
    wire::visitor::{Message, Role},
};

use self::{actions::DrawnActions, delivery::DrawnDelivery};
use crate::{
    app::App,
    dom::{self, Node, with_text},
    state::{
        Chat,
        selectors::{self, Row},
    },
    when,
};

/// A row of the log as it is on the screen.
pub struct DrawnMessage {
    /// The message's id.
    pub id: String,
    /// The row.
    pub element: Node,
    /// The day of the message, as [`when::day`] counts them.
    pub day: f64,
    app: &'static App,
    role: Role,
    body: Node,
    /// Whether the message is still being streamed.
    is_streaming: bool,
    /// Only under the visitor's messages.
    delivery: Option<DrawnDelivery>,
    /// Only under stored messages of the assistant's and the team's.
    actions: Option<DrawnActions>,
}

impl DrawnMessage {
    /// Draws a row, which begins with its day when that is not the day of the row before. It stays the same row when
    /// the edge has stored what was pending or streamed.
    pub fn new(app: &'static App, row: &Row<'_>, day_before: f64) -> Self {
        let strings = app.strings;
        let (role, author, at) = match row {
            Row::Pending { .. } => (Role::Visitor, None, ""),
            Row::Streaming { .. } => (Role::Assistant, None, ""),
            Row::Stored(message) => (message.role, message.author.as_deref(), &*message.at.0),
        };
        // The template is a row of the visitor's, for boot.ts draws those.
        let element = dom::clone("row");
        let [by, body, delivery] = [0, 1, 2].map(|place| element.child(place));
        let (class, name, is_shown) = match role {
            Role::Visitor => ("", "", false),
            Role::Assistant => ("row assistant", strings.by_assistant(), false),
            Role::Agent => ("row agent", author.unwrap_or(strings.by_agent()), true),
            Role::System => ("row note", "", false),
        };
        let delivery = if class.is_empty() {
            Some(DrawnDelivery::new(app, row.id(), delivery))
        } else {
            delivery.act("remove");
            element.set("class", class);
            by.set_text(name);
            None
        };
        if is_shown {
            by.set("class", "by");
        }
        let day = when::day(at);
        if day != day_before {
            element.place(with_text("div", "day", &when::day_line(at)), 0);
        }
        let mut drawn = Self {
            id: row.id().to_owned(),
            element,
            day,
            app,
            role,
            body,
            is_streaming: matches!(row, Row::Streaming { .. }),
            delivery,
            actions: None,
        };
        match row {
            Row::Pending { text, .. } => drawn.body.set_text(text),
            Row::Streaming { .. } => {}
            Row::Stored(message) => drawn.finish(message),
        }
        drawn
    }

    /// Draws what has changed.
    pub fn update(&mut self, chat: &Chat, row: &Row<'_>) {
        match row {
            Row::Streaming { text, .. } => self.grow(text),
            Row::Stored(message) if self.is_streaming => {
                self.is_streaming = false;
                self.body.set_text("");
                self.finish(message);
            }
            _ => {}
        }
        if let Some(actions) = &mut self.actions {
            actions.update(chat);
        }
        if let Some(delivery) = &self.delivery {
            delivery.update(selectors::delivery(chat, &self.id));
        }
    }

    /// The text so far, a paragraph after the other, so that little moves when the whole message takes their place.
    fn grow(&self, text: &str) {
        let (mut paragraph, mut place) = (String::new(), 0);
        // Two line feeds end a paragraph, and so does the end of the text.
        for line in split(text, b'\n').chain([""]) {
            if !line.is_empty() {
                if !paragraph.is_empty() {
                    paragraph.push_str("\n");
                }
                paragraph.push_str(line);
            } else if !paragraph.is_empty() {
                self.body.paragraph(place, &paragraph);
                paragraph.clear();
                place += 1;
            }
        }
    }

    /// Draws a stored message.
    fn finish(&mut self, message: &Message) {
        // Visitors write plain text, and so it is shown.
        if self.role == Role::Visitor || message.blocks.is_empty() {
            self.body.set_text(&message.text);
        } else {
            rich_text::blocks(self.app, self.body, &message.blocks);
        }
        sources::sources(self.app, self.element, &message.sources);
        if matches!(self.role, Role::Assistant | Role::Agent) {
            let actions = DrawnActions::new(self.app, message, [self.element, self.body]);
            self.actions = Some(actions);
        }
    }
}
