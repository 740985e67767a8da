//! One message: who said it, the words, what they rest on, and how far they have come.

use oriel_shared::wire::visitor::Role;
use web_sys::Element;

use super::{delivery::DrawnDelivery, rich_text, sources};
use crate::{
    app::App,
    dom::{add, element, set, words},
    state::{Chat, Row},
};

/// A row of the log as it is on the screen.
pub struct DrawnMessage {
    /// Of the message.
    pub id: String,
    /// The row.
    pub element: Element,
    /// Only under what the visitor has just said.
    delivery: Option<DrawnDelivery>,
}

impl DrawnMessage {
    /// Draws a row. One that is pending stays the same row when the edge has stored it.
    pub fn new(app: &'static App, row: &Row) -> Self {
        let strings = app.strings;
        let id = row.id().to_owned();
        let role = match row {
            Row::Pending { .. } => Role::Visitor,
            Row::Stored(message) => message.role,
        };
        let (class, by, by_class) = match role {
            Role::Visitor => ("row visitor", strings.by_visitor, "heard"),
            Role::Assistant => ("row assistant", strings.by_assistant, "heard"),
            Role::Agent => ("row agent", strings.by_agent, "by"),
            Role::System => ("row note", "", "heard"),
        };
        let body = element("div", "words", &[]);
        set(&body, "dir", "auto");
        match row {
            Row::Pending { text, .. } => body.set_text_content(Some(text)),
            // Visitors write plain text, and so it is shown.
            Row::Stored(message) if role == Role::Visitor || message.blocks.is_empty() => {
                body.set_text_content(Some(&message.text));
            }
            Row::Stored(message) => rich_text::blocks(&body, &message.blocks),
        }
        let element = element("article", class, &[&words("span", by_class, by), &body]);
        let delivery = match row {
            Row::Pending { .. } => Some(DrawnDelivery::new(app, &id)),
            Row::Stored(message) => {
                sources::sources(app, &element, &message.sources);
                None
            }
        };
        if let Some(delivery) = &delivery {
            add(&element, &delivery.element);
        }
        Self {
            id,
            element,
            delivery,
        }
    }

    /// Brings the row in step with the chat.
    pub fn update(&self, chat: &Chat) {
        if let Some(delivery) = &self.delivery {
            delivery.update(chat.delivery(&self.id));
        }
    }
}
