//! The chat as plain data: what was said, what is still on its way, and how things stand.
//!
//! Keeps true: the log is ordered by sequence number and holds each message once; what the visitor sent, asked for or
//! left is kept until the edge has it or the visitor threw it away, whatever the connection does. No clock and no DOM:
//! time comes in as an argument, and a store wraps this from outside.
//!
//! - [`shown`]: what is drawn of it
//! - [`said`]: what the visitor does
//! - [`heard`]: what the edge says
//! - [`standing`]: how the frame stands with the edge
//! - [`live`]: the answer that is being made
//! - [`presence`]: who is writing, who has read how far

mod heard;
pub mod live;
pub mod presence;
mod said;
mod shown;
pub mod standing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::visitor::{Lead, Message, PageContext, Status},
};

use self::{live::Live, presence::Presence};
pub use self::{
    said::trimmed,
    shown::{Delivery, Leaving, Row},
    standing::{Refusal, Standing},
};

/// The whole chat.
#[derive(Clone, Debug, Default)]
pub struct Chat {
    /// The conversation that the log belongs to.
    conversation: Option<String>,
    /// Stored messages, by sequence number.
    log: Vec<Arc<Message>>,
    /// The visitor's own messages that are not stored yet, in the order in which they were sent.
    pending: Vec<Pending>,
    /// The answer that is being made.
    live: Option<Live>,
    /// While the visitor looks back: the place in the log from which on it is drawn.
    back_to: Option<usize>,
    /// Last sequence number that the edge is known to hold.
    known: Seq,
    /// Where the conversation stands.
    pub status: Status,
    /// Whether nobody of the team is there now.
    pub is_away: bool,
    /// Whether the visitor may have several conversations.
    pub several: bool,
    /// How we stand with the edge.
    pub standing: Standing,
    /// Whether the chat is gone with the page: the browser keeps no cookie for it.
    pub is_fleeting: bool,
    /// Who is writing, who has read how far.
    pub presence: Presence,
    /// What the visitor thinks of answers.
    feedback: Vec<Feedback>,
    /// Set from the visitor's wish for a person until the edge has heard it.
    wants_person: bool,
    /// What the visitor leaves for the team, until the edge has it.
    lead: Option<Arc<Lead>>,
    /// Whether the edge did not take the last one.
    is_lead_refused: bool,
    /// Where the visitor is, as the page says; told again on every connection.
    context: Option<Arc<PageContext>>,
    /// Whether the site asks something before the first message.
    pub asks_first: bool,
    /// Whether the visitor has answered that.
    is_introduced: bool,
    /// Whether the visitor is filling in what they leave.
    pub is_form_open: bool,
    /// What the visitor is about to say.
    pub draft: String,
    /// What the visitor is asked, or told, beside the conversation.
    pub aside: Aside,
    /// Whether the panel is open.
    pub is_shown: bool,
    /// The time as far as it is shown: it moves while a limit counts down.
    pub clock: UnixMs,
}

/// What stands beside the conversation for a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aside {
    /// Nothing.
    #[default]
    Nothing,
    /// Whether everything shall really be erased.
    Erase,
    /// What was asked for did not work.
    Failed,
}

/// A message of the visitor's that is not stored yet.
#[derive(Clone, Debug)]
struct Pending {
    id: String,
    text: String,
    is_failed: bool,
}

/// What the visitor thinks of one answer.
#[derive(Clone, Copy, Debug)]
struct Feedback {
    seq: Seq,
    is_good: bool,
    /// Whether the edge knows.
    is_told: bool,
}

impl Chat {
    /// Whether everything that the edge holds is here: from then on, what comes is news.
    pub fn is_caught_up(&self) -> bool {
        self.conversation.is_some() && self.last() >= self.known
    }

    /// The last message before the first gap.
    pub fn last(&self) -> Seq {
        let n_unbroken = self
            .log
            .iter()
            .zip(1..)
            .take_while(|(stored, place)| stored.seq.0 == *place)
            .count();
        Seq(n_unbroken as u32)
    }

    fn note_feedback(&mut self, seq: Seq, is_good: bool, is_told: bool) {
        self.feedback.retain(|given| given.seq != seq);
        self.feedback.push(Feedback {
            seq,
            is_good,
            is_told,
        });
    }
}
