//! What the components draw of the chat: its rows, how far each has come, and what is offered below them.

use oriel_shared::{
    id::Seq,
    wire::visitor::{Message, Offer, Role, Status},
};

use super::{Chat, outgoing::PendingMessage};

/// How far one of the visitor's messages has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On its way, or waiting for the connection.
    Sending,
    /// Stored.
    Sent,
    /// Stored, and the team has seen it: only the visitor's last message, while nobody has answered it.
    Seen,
    /// The edge refused it; the visitor decides what happens to it.
    Failed,
}

/// One row of the log as it is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Row<'a> {
    /// Stored by the edge.
    Stored(&'a Message),
    /// The visitor's, not stored yet. The stored message will carry this id.
    Pending {
        /// Made here.
        id: &'a str,
        /// What the visitor wrote.
        text: &'a str,
    },
    /// The assistant's answer, being streamed. The stored message will carry this id.
    Streaming {
        /// Made by the edge.
        id: &'a str,
        /// The text so far.
        text: &'a str,
    },
}

impl<'a> Row<'a> {
    /// What does not change when the message is stored.
    pub fn id(self) -> &'a str {
        match self {
            Self::Stored(message) => &message.id,
            Self::Pending { id, .. } | Self::Streaming { id, .. } => id,
        }
    }
}

/// The rows of the log that are drawn: stored messages, then those on their way, last the answer that is being
/// streamed, because it will be stored behind all messages of the meantime.
pub fn rows(chat: &Chat) -> Vec<Row<'_>> {
    // One loop after the other: chained iterators are each compiled several times.
    let stored = chat.log.drawn();
    let pending = &chat.outgoing.messages;
    let mut rows = Vec::with_capacity(stored.len() + pending.len() + 1);
    for message in stored {
        rows.push(Row::Stored(message));
    }
    for PendingMessage { id, text, .. } in pending {
        rows.push(Row::Pending { id, text });
    }
    if let Some(answer) = &chat.answer
        && answer.is_complete_so_far
    {
        rows.push(Row::Streaming {
            id: &answer.id,
            text: &answer.text,
        });
    }
    rows
}

/// How many messages of the other side's the visitor has not seen.
pub fn n_unread(chat: &Chat) -> usize {
    if !chat.is_caught_up() {
        return 0;
    }
    let mut n_unread = 0;
    for message in chat.log.messages().iter().rev() {
        if message.seq <= chat.presence.read {
            break;
        }
        if matches!(message.role, Role::Assistant | Role::Agent) {
            n_unread += 1;
        }
    }
    n_unread
}

/// How many of the visitor's messages are on their way.
pub const fn n_pending(chat: &Chat) -> usize {
    chat.outgoing.messages.len()
}

/// Whether the last message is the chat's own: it says already who will answer.
pub fn ends_with_notice(chat: &Chat) -> bool {
    let newest = chat.log.newest().filter(|_| n_pending(chat) == 0);
    newest.is_some_and(|message| message.role == Role::System)
}

/// Whether the assistant is at work on an answer that the visitor can stop.
pub fn is_answering(chat: &Chat) -> bool {
    chat.answer.as_ref().map_or_else(
        || chat.presence.typing() == Some(Role::Assistant),
        |answer| !answer.is_stopped,
    )
}

/// Who is typing something of which nothing can be read yet.
pub fn typing(chat: &Chat) -> Option<Role> {
    match &chat.answer {
        None => chat.presence.typing(),
        Some(answer) if answer.is_complete_so_far => None,
        Some(_) => Some(Role::Assistant),
    }
}

/// How far the message with this id has come.
pub fn delivery(chat: &Chat, id: &str) -> Delivery {
    let mut pending = chat.outgoing.messages.iter();
    match pending.find(|pending| pending.id == id) {
        None if seen_message(chat) == Some(id) => Delivery::Seen,
        None => Delivery::Sent,
        Some(PendingMessage {
            is_failed: true, ..
        }) => Delivery::Failed,
        Some(_) => Delivery::Sending,
    }
}

/// The visitor's last message, if the team has seen it and has not answered: an answer shows that it was seen.
fn seen_message(chat: &Chat) -> Option<&str> {
    let mut latest = chat.log.messages().iter().rev();
    let last = latest.find(|message| matches!(message.role, Role::Visitor | Role::Agent))?;
    (last.role == Role::Visitor && last.seq <= chat.presence.read_by_team).then_some(&*last.id)
}

/// What is offered to the visitor, and under which message: the last one that is not theirs decides. A person is
/// offered while the assistant has the conversation and nobody was asked for; to leave a message, when no person is
/// there. Nothing is offered before the log has caught up: a button that the next message takes away could be pressed
/// by mistake.
pub fn offer(chat: &Chat) -> Option<(&str, Offer)> {
    if !chat.is_caught_up() {
        return None;
    }
    let mut latest = chat.log.messages().iter().rev();
    let message = latest.find(|message| message.role != Role::Visitor)?;
    let offer = match message.offer? {
        Offer::Person if chat.is_team_away => Offer::Message,
        offer => offer,
    };
    let is_due = match offer {
        Offer::Person => chat.status == Status::Open && !chat.outgoing.wants_person,
        Offer::Message => chat.status != Status::Agent && !chat.lead.is_open,
    };
    is_due.then_some((&*message.id, offer))
}

/// The newest message, if the visitor has not seen it and the edge can be told that they see it now.
pub fn unseen(chat: &Chat) -> Option<Seq> {
    let newest = chat.log.newest()?;
    let is_new = newest.role != Role::Visitor && newest.seq > chat.presence.read;
    (is_new && chat.is_caught_up() && chat.is_online()).then_some(newest.seq)
}
