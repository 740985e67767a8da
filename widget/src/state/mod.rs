//! The chat as plain data: stored messages, what is still on its way, and the state of the connection.
//!
//! Keeps true: the log is ordered by sequence number and holds each message once; what the visitor sent is kept until
//! the edge has it or the visitor takes it back, whatever the connection does. No clock and no DOM: time comes in as an
//! argument, and a [`crate::store`] tells the components of changes.
//!
//! Parts, each with its own state:
//! - [`connection_state`]: whether the chat is connected
//! - [`log`]: the stored messages
//! - [`outgoing`]: what the edge has not confirmed
//! - [`answer`]: the answer that is being streamed
//! - [`presence`]: who is typing, who has read how far
//! - [`feedback`]: what the visitor thinks of answers
//! - [`lead`]: the forms
//!
//! What works on several of them:
//! - this file: a frame from the edge comes in, and what is unconfirmed goes out again
//! - [`incoming`]: the frames that concern more than one part
//! - [`actions`]: what the visitor does
//! - [`selectors`]: what the components draw of it

mod actions;
pub mod answer;
pub mod connection_state;
pub mod feedback;
mod incoming;
pub mod lead;
pub mod log;
pub mod outgoing;
pub mod presence;
pub mod selectors;
#[cfg(test)]
mod tests;

use oriel_shared::{
    id::UnixMs,
    wire::visitor::{ClientFrame, ServerFrame, Status},
};

pub use self::{
    actions::trimmed,
    connection_state::{ConnectionState, UnavailableReason},
};
use self::{
    answer::StreamingAnswer, feedback::Feedback, lead::LeadForms, log::MessageLog,
    outgoing::Outgoing, presence::Presence,
};

/// The whole chat.
#[derive(Clone, Debug, Default)]
pub struct Chat {
    /// The conversation that the log belongs to.
    conversation: Option<String>,
    /// The stored messages.
    pub log: MessageLog,
    /// What the edge has not confirmed.
    pub outgoing: Outgoing,
    /// The answer that is being streamed.
    answer: Option<StreamingAnswer>,
    /// Who is typing, who has read how far.
    pub presence: Presence,
    /// What the visitor thinks of answers.
    pub feedback: Feedback,
    /// The forms.
    pub lead: LeadForms,
    /// Who has the conversation.
    pub status: Status,
    /// Whether nobody of the team is there now.
    pub is_team_away: bool,
    /// Whether the visitor may have several conversations.
    pub has_several: bool,
    /// Whether the chat is connected.
    pub connection: ConnectionState,
    /// Whether the chat is gone with the page, because the browser keeps no cookie for it.
    pub is_ephemeral: bool,
    /// What the visitor is writing.
    pub draft: String,
    /// The question or notice above the composer.
    pub prompt: Prompt,
    /// Whether the panel is open.
    pub is_panel_open: bool,
    /// The time as far as it is shown: it moves while a rate limit counts down.
    pub clock: UnixMs,
}

/// A question or a notice above the composer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prompt {
    /// Nothing.
    #[default]
    None,
    /// Whether everything shall really be erased.
    ConfirmErase,
    /// That what the visitor asked for in the menu did not work.
    Failed,
}

impl Chat {
    /// An empty chat. `has_prechat` says whether the site asks something before the first message.
    pub fn new(has_prechat: bool) -> Self {
        Self {
            lead: LeadForms::new(has_prechat),
            ..Self::default()
        }
    }

    /// Takes in a frame from the edge. Returns the frames that answer it.
    pub fn receive(&mut self, frame: ServerFrame, now: UnixMs) -> Vec<ClientFrame> {
        match frame {
            ServerFrame::Welcome {
                conversation,
                seq,
                status,
                away,
                read,
                several,
            } => {
                self.has_several = several;
                self.on_conversation(conversation.0, seq);
                self.presence.read = read;
                self.on_status(status, away);
                return self.catch_up();
            }
            ServerFrame::Message(message) => return self.on_message(message),
            ServerFrame::Delta { id, text } => self.on_delta(id, &text),
            ServerFrame::Typing { role } => self.presence.start_typing(role, now),
            ServerFrame::Status { status, away } => self.on_status(status, away),
            ServerFrame::Read { role, seq } => self.presence.mark_read(role, seq),
            ServerFrame::Feedback { seq, good } => self.feedback.set(seq, good, true),
            ServerFrame::Error {
                code,
                id,
                retry_after,
                detail: _,
            } => self.on_error(&code, id.as_deref(), retry_after, now),
        }
        Vec::new()
    }

    /// Sends again what the edge has not confirmed. It does no harm if the edge has it already: messages are stored
    /// under their ids, and the rest replaces itself.
    fn unconfirmed(&mut self) -> Vec<ClientFrame> {
        let mut frames = Vec::new();
        self.outgoing.send_unconfirmed(&mut frames);
        self.lead.send_unacknowledged(&mut frames);
        self.feedback.send_unsent(&mut frames);
        frames
    }

    /// Whether everything that the edge holds is here: from then on, what comes is new.
    pub fn is_caught_up(&self) -> bool {
        self.conversation.is_some() && self.log.last_unbroken() >= self.log.known
    }

    /// Whether messages flow.
    pub fn is_online(&self) -> bool {
        self.connection == ConnectionState::Online
    }

    /// Whether there is no chat on this page.
    pub const fn is_unavailable(&self) -> bool {
        matches!(self.connection, ConnectionState::Unavailable(_))
    }

    /// Whether there are no messages yet.
    pub fn is_empty(&self) -> bool {
        self.log.messages().is_empty() && self.outgoing.messages.is_empty()
    }

    /// Whether the visitor has to fill in the prechat form before they can write.
    pub fn needs_prechat(&self) -> bool {
        self.lead.is_prechat_due() && self.is_empty()
    }
}
