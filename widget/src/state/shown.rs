//! What is drawn of the chat: its rows, how far each has come, and what is offered below them.

use std::sync::Arc;

use oriel_shared::{
    id::Seq,
    wire::visitor::{Message, Offer, Role, Status},
};

use super::{Chat, Pending, Standing, live::Live};

/// Rows that are drawn while the visitor is at the end of the log. More than any screen shows, and no more than a phone
/// draws with ease.
pub(super) const NEWEST: usize = 60;

/// How far one of the visitor's messages has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On its way, or waiting for the connection.
    Sending,
    /// Stored.
    Sent,
    /// The last thing that the visitor said, and the team has seen it.
    Seen,
    /// Refused; the visitor decides.
    Failed,
}

/// How far that which the visitor leaves for the team has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Nothing is on its way.
    Idle,
    /// On its way, or waiting for the connection.
    Sending,
    /// The edge did not take it.
    Refused,
}

/// One row of the log as it is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// Stored by the edge.
    Stored(&'a Message),
    /// The visitor's, not stored yet. The stored message will carry the same id.
    Pending {
        /// Made here.
        id: &'a str,
        /// The words.
        text: &'a str,
    },
    /// The assistant's, being made. The stored message will carry the same id.
    Live {
        /// Made by the edge.
        id: &'a str,
        /// The words so far.
        text: &'a str,
    },
}

impl<'a> Row<'a> {
    /// What stays the same when the message is stored.
    pub fn id(self) -> &'a str {
        match self {
            Self::Stored(message) => &message.id,
            Self::Pending { id, .. } | Self::Live { id, .. } => id,
        }
    }
}

impl Chat {
    /// The rows of the log that are drawn: what is stored, from [`Chat::begin`] on, then what is on its way, last the
    /// answer that is being made, for it will be stored behind all that was said meanwhile.
    pub fn rows(&self) -> Vec<Row<'_>> {
        // One loop after the other: chained, they are each written out several times.
        let stored = self.log.get(self.begin()..).unwrap_or_default();
        let mut rows = Vec::with_capacity(stored.len() + self.pending.len() + 1);
        for message in stored {
            rows.push(Row::Stored(message));
        }
        for Pending { id, text, .. } in &self.pending {
            rows.push(Row::Pending { id, text });
        }
        if let Some(Live { id, text, .. }) = self.live.as_ref().filter(|live| live.is_whole) {
            rows.push(Row::Live { id, text });
        }
        rows
    }

    /// The place in the log from which on it is drawn: at its end the newest rows, and while the visitor looks back as
    /// much as they have seen.
    pub fn begin(&self) -> usize {
        // As if all that is known were here: what is older than that is not drawn while it comes.
        let n_known = self.log.len().max(self.known.0 as usize);
        let newest = n_known.saturating_sub(NEWEST);
        self.back_to.map_or(newest, |back_to| back_to.min(newest))
    }

    /// When the message before the first row was said, if there is one.
    pub fn before(&self) -> Option<&str> {
        let before = self.log.get(self.begin().checked_sub(1)?)?;
        Some(&*before.at.0)
    }

    /// The visitor leaves the end of the log: nothing that is drawn goes away now, and with `is_at_top` older rows come.
    pub fn look_back(&mut self, is_at_top: bool) {
        let n_more = if is_at_top { NEWEST } else { 0 };
        self.back_to = Some(self.begin().saturating_sub(n_more));
    }

    /// The visitor is at the end of the log.
    pub const fn look_ahead(&mut self) {
        self.back_to = None;
    }

    /// Whether the visitor has left the end of the log.
    pub const fn looks_back(&self) -> bool {
        self.back_to.is_some()
    }

    /// How many messages of the other side's the visitor has not had before their eyes.
    pub fn n_unread(&self) -> usize {
        if !self.is_caught_up() {
            return 0;
        }
        let news = |message: &&Arc<Message>| message.seq > self.presence.read;
        let news = self.log.iter().rev().take_while(news);
        news.filter(|message| matches!(message.role, Role::Assistant | Role::Agent))
            .count()
    }

    /// How many of the visitor's messages are on their way.
    pub const fn n_pending(&self) -> usize {
        self.pending.len()
    }

    /// Whether nothing was said yet.
    pub const fn is_empty(&self) -> bool {
        self.log.is_empty() && self.pending.is_empty()
    }

    /// Whether the last word is the chat's own: it says already how things stand.
    pub fn ends_with_notice(&self) -> bool {
        let last_word = self.log.last().filter(|_| self.pending.is_empty());
        last_word.is_some_and(|message| message.role == Role::System)
    }

    /// Whether the assistant is at work on an answer that the visitor can stop.
    pub fn is_answering(&self) -> bool {
        self.live.as_ref().map_or_else(
            || self.presence.writing() == Some(Role::Assistant),
            |live| !live.is_stopped,
        )
    }

    /// Who is writing what cannot be read yet.
    pub fn writing(&self) -> Option<Role> {
        match &self.live {
            None => self.presence.writing(),
            Some(live) if live.is_whole => None,
            Some(_) => Some(Role::Assistant),
        }
    }

    /// How far the message with this id has come.
    pub fn delivery(&self, id: &str) -> Delivery {
        match self.pending.iter().find(|pending| pending.id == id) {
            None if self.seen() == Some(id) => Delivery::Seen,
            None => Delivery::Sent,
            Some(Pending {
                is_failed: true, ..
            }) => Delivery::Failed,
            Some(_) => Delivery::Sending,
        }
    }

    /// The visitor's last message, if the team has seen it and has not answered: an answer says so itself.
    fn seen(&self) -> Option<&str> {
        let mut latest = self.log.iter().rev();
        let last = latest.find(|message| matches!(message.role, Role::Visitor | Role::Agent))?;
        (last.role == Role::Visitor && last.seq <= self.presence.read_by_team).then_some(&*last.id)
    }

    /// Under which message what is offered: the last word of the other side decides. A person is offered as long as
    /// the assistant has the conversation and nobody was asked for; to leave a message, when no person is there.
    pub fn offer(&self) -> Option<(&str, Offer)> {
        let last_word = self
            .log
            .iter()
            .rfind(|message| message.role != Role::Visitor)?;
        let offer = match last_word.offer? {
            Offer::Person if self.is_away => Offer::Message,
            offer => offer,
        };
        let is_due = match offer {
            Offer::Person => self.status == Status::Open && !self.wants_person,
            Offer::Message => self.status != Status::Agent && !self.is_form_open,
        };
        is_due.then_some((&*last_word.id, offer))
    }

    /// Whether the visitor has to answer what the site asks before they can write.
    pub fn is_asked_first(&self) -> bool {
        self.asks_first && !self.is_introduced && self.is_empty()
    }

    /// What the visitor thinks of an answer.
    pub fn feedback(&self, seq: Seq) -> Option<bool> {
        let given = self.feedback.iter().find(|given| given.seq == seq)?;
        Some(given.is_good)
    }

    /// How far that which the visitor leaves for the team has come.
    pub const fn leaving(&self) -> Leaving {
        match self.lead {
            Some(_) => Leaving::Sending,
            None if self.is_lead_refused => Leaving::Refused,
            None => Leaving::Idle,
        }
    }

    /// The newest message, if the edge does not know that the visitor has it before their eyes.
    pub fn unseen(&self) -> Option<Seq> {
        let last = self.log.last()?;
        let is_news = last.role != Role::Visitor && last.seq > self.presence.read;
        (is_news && self.is_caught_up() && self.standing == Standing::Online).then_some(last.seq)
    }

    /// What is stored after a message, in order.
    pub fn since(&self, seq: Seq) -> impl Iterator<Item = &Message> {
        let log = self.log.iter().map(AsRef::as_ref);
        log.filter(move |message| message.seq > seq)
    }
}
