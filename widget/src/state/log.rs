//! The stored messages of the conversation, and which of them are drawn.

use std::sync::Arc;

use oriel_shared::{id::Seq, wire::visitor::Message};

/// Rows that are drawn while the visitor is at the end of the log. More than any screen shows, and no more than a phone
/// draws with ease.
pub const NEWEST: usize = 60;

/// The log.
///
/// Keeps true: it is ordered by sequence number and holds each message once.
#[derive(Clone, Debug, Default)]
pub struct MessageLog {
    messages: Vec<Arc<Message>>,
    /// Last sequence number that the edge is known to hold.
    pub known: Seq,
    /// While the visitor reads older messages: the index of the first one that is drawn.
    window_start: Option<usize>,
}

impl MessageLog {
    /// Inserts a message at its place. Whether it is a new one.
    pub fn insert(&mut self, message: Message) -> bool {
        let place = self
            .messages
            .binary_search_by_key(&message.seq, |stored| stored.seq);
        if let Err(place) = place {
            self.messages.insert(place, Arc::new(message));
        }
        place.is_err()
    }

    /// All messages, oldest first.
    pub fn messages(&self) -> &[Arc<Message>] {
        &self.messages
    }

    /// The last message before the first gap.
    pub fn last_unbroken(&self) -> Seq {
        let n_unbroken = self
            .messages
            .iter()
            .zip(1..)
            .take_while(|(stored, place)| stored.seq.0 == *place)
            .count();
        Seq(n_unbroken as u32)
    }

    /// The newest message.
    pub fn newest(&self) -> Option<&Message> {
        self.messages.last().map(AsRef::as_ref)
    }

    /// The stored messages after this one, in order.
    pub fn after(&self, seq: Seq) -> impl Iterator<Item = &Message> {
        let messages = self.messages.iter().map(AsRef::as_ref);
        messages.filter(move |message| message.seq > seq)
    }

    /// The index of the first message that is drawn: at the end of the log that of the newest rows, and while the
    /// visitor reads older ones that of the oldest one that they have seen.
    pub fn first_drawn(&self) -> usize {
        // As if all that is known were here: what is older than that is not drawn while it arrives.
        let n_known = self.messages.len().max(self.known.0 as usize);
        let newest = n_known.saturating_sub(NEWEST);
        self.window_start.map_or(newest, |start| start.min(newest))
    }

    /// The messages that are drawn.
    pub fn drawn(&self) -> &[Arc<Message>] {
        self.messages.get(self.first_drawn()..).unwrap_or_default()
    }

    /// When the message before the first drawn one was stored, if there is one.
    pub fn time_before_drawn(&self) -> Option<&str> {
        let before = self.messages.get(self.first_drawn().checked_sub(1)?)?;
        Some(&*before.at.0)
    }

    /// The visitor leaves the end of the log: from now on nothing that is drawn goes away, and with `is_at_top` older
    /// rows are added.
    pub fn read_older(&mut self, is_at_top: bool) {
        let n_more = if is_at_top { NEWEST } else { 0 };
        self.window_start = Some(self.first_drawn().saturating_sub(n_more));
    }

    /// The visitor is at the end of the log.
    pub const fn read_newest(&mut self) {
        self.window_start = None;
    }

    /// Whether the visitor has left the end of the log.
    pub const fn is_reading_older(&self) -> bool {
        self.window_start.is_some()
    }
}
