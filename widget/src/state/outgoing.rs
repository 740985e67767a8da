//! What the visitor has sent and the edge has not confirmed. It is kept, to be sent again on the next connection.

use std::sync::Arc;

use oriel_shared::wire::visitor::{ClientFrame, PageContext};

/// Unconfirmed messages and wishes.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The visitor's messages that are not stored yet, in the order in which they were sent.
    pub messages: Vec<PendingMessage>,
    /// Whether the visitor has asked for a person and the edge has not said so yet.
    pub wants_person: bool,
    /// Where the visitor is, as the page says; sent again on every connection.
    pub context: Option<Arc<PageContext>>,
}

/// A message of the visitor's that is not stored yet.
#[derive(Clone, Debug)]
pub struct PendingMessage {
    /// Made here.
    pub id: String,
    /// What the visitor wrote.
    pub text: String,
    /// Whether the edge refused it. Then the visitor decides what happens to it.
    pub is_failed: bool,
}

impl PendingMessage {
    fn frame(&self) -> ClientFrame {
        ClientFrame::Send {
            id: self.id.clone(),
            text: self.text.clone(),
            conversation: None,
        }
    }
}

impl Outgoing {
    /// Keeps a message. Returns the frame that sends it.
    pub fn push(&mut self, id: String, text: String) -> ClientFrame {
        let message = PendingMessage {
            id,
            text,
            is_failed: false,
        };
        let frame = message.frame();
        self.messages.push(message);
        frame
    }

    /// The visitor wants a person.
    pub fn ask_for_person(&mut self) -> ClientFrame {
        self.wants_person = true;
        ClientFrame::Escalate {}
    }

    /// Sends a failed message again, under its old id: should the edge have stored it after all, it is not stored
    /// twice.
    pub fn retry(&mut self, id: &str) -> Option<ClientFrame> {
        let message = self.messages.iter_mut().find(|message| message.id == id)?;
        message.is_failed = false;
        Some(message.frame())
    }

    /// Takes a failed message away. Returns its text.
    pub fn take_failed(&mut self, id: &str) -> Option<String> {
        let is_it = |message: &PendingMessage| message.id == id && message.is_failed;
        let index = self.messages.iter().position(is_it)?;
        Some(self.messages.remove(index).text)
    }

    /// The edge has stored a message.
    pub fn acknowledge(&mut self, id: &str) {
        self.messages.retain(|message| message.id != id);
    }

    /// The edge has refused a message.
    pub fn fail(&mut self, id: &str) {
        if let Some(message) = self.messages.iter_mut().find(|message| message.id == id) {
            message.is_failed = true;
        }
    }

    /// Adds the frames that send everything again but what the edge has refused.
    pub(super) fn send_unconfirmed(&self, frames: &mut Vec<ClientFrame>) {
        for message in &self.messages {
            if !message.is_failed {
                frames.push(message.frame());
            }
        }
        if self.wants_person {
            frames.push(ClientFrame::Escalate {});
        }
        if let Some(context) = &self.context {
            frames.push(ClientFrame::Context(PageContext::clone(context)));
        }
    }
}
