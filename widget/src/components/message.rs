//! One message: who said it, the words, what they rest on, how far they have come, and what the visitor thinks of them.

use oriel_shared::{
    ascii_split::split,
    wire::visitor::{Message, Role},
};

use super::{copy::copy, delivery::DrawnDelivery, feedback::DrawnFeedback, rich_text, sources};
use crate::{
    app::App,
    dom::{Node, element, quiet, words},
    state::{Chat, Delivery, Row},
    when,
};

/// A row of the log as it is on the screen.
pub struct DrawnMessage {
    /// Of the message.
    pub id: String,
    /// The row.
    pub element: Node,
    /// The day on which it was said, as [`when::day`] counts them.
    pub day: f64,
    app: &'static App,
    role: Role,
    body: Node,
    /// Whether the message is not all there yet.
    is_live: bool,
    /// Only under what the visitor said, once there is something to say of it.
    delivery: Option<DrawnDelivery>,
    /// Only under an answer of the assistant's.
    feedback: Option<DrawnFeedback>,
}

impl DrawnMessage {
    /// Draws a row, which begins with its day when that is not the day of the row before. It stays the same row when the
    /// edge has stored what was pending or live.
    pub fn new(app: &'static App, row: &Row<'_>, day_before: f64) -> Self {
        let strings = app.strings;
        let (role, author) = match row {
            Row::Pending { .. } => (Role::Visitor, None),
            Row::Live { .. } => (Role::Assistant, None),
            Row::Stored(message) => (message.role, message.author.as_deref()),
        };
        let (class, by, by_class) = match role {
            Role::Visitor => ("row visitor", strings.by_visitor(), "heard"),
            Role::Assistant => ("row assistant", strings.by_assistant(), "heard"),
            Role::Agent => ("row agent", author.unwrap_or(strings.by_agent()), "by"),
            Role::System => ("row note", "", "heard"),
        };
        let by = words("span", by_class, by);
        let body = element("div", "words", &[]);
        for directed in &[by, body] {
            directed.set("dir", "auto");
        }
        let at = match row {
            Row::Stored(message) => &*message.at.0,
            Row::Pending { .. } | Row::Live { .. } => "",
        };
        let (element, day) = (element("article", class, &[by, body]), when::day(at));
        if day != day_before {
            element.place(words("div", "day", &when::day_line(at)), 0);
        }
        let mut drawn = Self {
            id: row.id().to_owned(),
            element,
            day,
            app,
            role,
            body,
            is_live: matches!(row, Row::Live { .. }),
            delivery: None,
            feedback: None,
        };
        match row {
            Row::Pending { text, .. } => drawn.body.say(text),
            Row::Live { .. } => {}
            Row::Stored(message) => drawn.finish(message),
        }
        drawn
    }

    /// Brings the row in step with the chat.
    pub fn update(&mut self, chat: &Chat, row: &Row<'_>) {
        match row {
            Row::Live { text, .. } => self.grow(text),
            Row::Stored(message) if self.is_live => {
                self.is_live = false;
                self.body.say("");
                self.finish(message);
            }
            _ => {}
        }
        if let (Some(feedback), Row::Stored(message)) = (&mut self.feedback, row) {
            feedback.update(chat.feedback(message.seq));
        }
        if self.role == Role::Visitor {
            let delivery = chat.delivery(&self.id);
            if delivery != Delivery::Sent && self.delivery.is_none() {
                let drawn = DrawnDelivery::new(self.app, &self.id);
                self.element.add(drawn.element);
                self.delivery = Some(drawn);
            }
            if let Some(drawn) = &self.delivery {
                drawn.update(delivery);
            }
        }
    }

    /// The words so far, a paragraph after the other, so that little moves when the whole message takes their place.
    fn grow(&self, text: &str) {
        let (mut paragraph, mut place) = (String::new(), 0);
        // Two line feeds end a paragraph, and so does the end of it all.
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

    /// All that there is of a message.
    fn finish(&mut self, message: &Message) {
        // Visitors write plain text, and so it is shown.
        if self.role == Role::Visitor || message.blocks.is_empty() {
            self.body.say(&message.text);
        } else {
            rich_text::blocks(self.app, self.body, &message.blocks);
        }
        sources::sources(self.app, self.element, &message.sources);
        match self.role {
            Role::Assistant => {
                let feedback = DrawnFeedback::new(self.app, message, self.body);
                self.element.add(feedback.element);
                self.feedback = Some(feedback);
            }
            Role::Agent => {
                let under = vec![copy(self.app, self.body), time(message)];
                self.element.add(quiet("thumbs", under));
            }
            Role::Visitor | Role::System => {}
        }
    }
}

/// When it was said.
pub fn time(message: &Message) -> Node {
    let at = &*message.at.0;
    let time = words("time", "fine", &when::time_of_day(at));
    time.set("datetime", at);
    time.set("title", &when::in_full(at));
    time
}
