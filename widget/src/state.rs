//! The chat as plain data: what was said, what is still on its way, and how things stand.
//!
//! Keeps true: the log is ordered by sequence number and holds each message once; a text that the visitor sent is
//! shown until the edge has stored it or the visitor threw it away, whatever the connection does. No clock and no DOM:
//! time comes in as an argument, and signals wrap this from outside.

use std::sync::Arc;

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::{
        problem::Code,
        visitor::{ClientFrame, Message, Offer, Role, ServerFrame, Status},
    },
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
    /// Last sequence number that the edge is known to hold.
    known: Seq,
    /// Where the conversation stands.
    pub status: Status,
    /// How we stand with the edge.
    pub connection: Connection,
    /// Whether the chat is gone with the page: the browser keeps no cookie for it.
    pub is_fleeting: bool,
    /// Who is writing.
    pub typing: Option<Role>,
    /// Set from the visitor's wish for a person until the edge has heard it.
    wants_person: bool,
}

/// How the frame stands with the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// The first time, nothing to show yet.
    #[default]
    Connecting,
    /// Messages flow.
    Online,
    /// It was there, or should have been; it is tried again.
    Reconnecting,
    /// Refused for now; tried again at that time.
    Limited {
        /// When to try again.
        until: UnixMs,
    },
    /// Refused for good, as far as this page goes.
    Refused(Refusal),
}

/// Why the chat cannot be had here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The page's origin is not one of the site's.
    Origin,
    /// No such site, or it is switched off.
    Site,
    /// The page has not said who the visitor is, or not in a way that counts.
    Identity,
    /// The frame was opened on its own, without a page around it.
    Alone,
}

impl Refusal {
    /// The refusal behind a problem's code; `None` when trying again may help.
    pub fn from_code(code: &str) -> Option<Self> {
        const REFUSALS: [(Code, Refusal); 5] = [
            (Code::OriginNotAllowed, Refusal::Origin),
            (Code::SiteNotFound, Refusal::Site),
            (Code::TokenMissing, Refusal::Identity),
            (Code::TokenInvalid, Refusal::Identity),
            (Code::TokenExpired, Refusal::Identity),
        ];
        REFUSALS
            .iter()
            .find(|(refused, _)| refused.name() == code)
            .map(|(_, refusal)| *refusal)
    }
}

/// A message of the visitor's that is not stored yet.
#[derive(Clone, Debug)]
struct Pending {
    id: String,
    text: String,
    is_failed: bool,
}

/// How far one of the visitor's messages has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// On its way, or waiting for the connection.
    Sending,
    /// Stored.
    Sent,
    /// Refused; the visitor decides.
    Failed,
}

/// One row of the log as it is drawn.
#[derive(Clone, Debug)]
pub enum Row {
    /// Stored by the edge.
    Stored(Arc<Message>),
    /// Not yet.
    Pending {
        /// Made here; the stored message will carry it too.
        id: String,
        /// The words.
        text: String,
    },
}

impl Row {
    /// What stays the same when a pending message becomes a stored one.
    pub fn id(&self) -> &str {
        match self {
            Self::Stored(message) => &message.id,
            Self::Pending { id, .. } => id,
        }
    }
}

impl Chat {
    /// The rows of the log: what is stored, then what is on its way.
    pub fn rows(&self) -> Vec<Row> {
        let stored = self.log.iter().cloned().map(Row::Stored);
        let pending = self.pending.iter().map(|pending| Row::Pending {
            id: pending.id.clone(),
            text: pending.text.clone(),
        });
        stored.chain(pending).collect()
    }

    /// How many rows there are.
    pub const fn n_rows(&self) -> usize {
        self.log.len() + self.pending.len()
    }

    /// How many of them are on their way.
    pub const fn n_pending(&self) -> usize {
        self.pending.len()
    }

    /// Whether the last word is the chat's own: it says already how things stand.
    pub fn ends_with_notice(&self) -> bool {
        let last_word = self.log.last().filter(|_| self.pending.is_empty());
        last_word.is_some_and(|message| message.role == Role::System)
    }

    /// Whether everything that the edge holds is here: from then on, what comes is news.
    pub fn is_caught_up(&self) -> bool {
        self.conversation.is_some() && self.last() >= self.known
    }

    /// How far the message with this id has come.
    pub fn delivery(&self, id: &str) -> Delivery {
        match self.pending.iter().find(|pending| pending.id == id) {
            None => Delivery::Sent,
            Some(Pending {
                is_failed: true, ..
            }) => Delivery::Failed,
            Some(_) => Delivery::Sending,
        }
    }

    /// The message under which "talk to a person" is offered: the last word of the other side, if it says so, as long
    /// as the assistant has the conversation and nobody was asked for.
    pub fn offer(&self) -> Option<&str> {
        let is_open = self.status == Status::Open && !self.wants_person;
        let last_word = self
            .log
            .iter()
            .rfind(|message| message.role != Role::Visitor)?;
        (is_open && last_word.offer == Some(Offer::Person)).then_some(&*last_word.id)
    }

    /// The visitor said something. Returns the frame that says so to the edge.
    pub fn say(&mut self, id: String, text: String) -> ClientFrame {
        self.pending.push(Pending {
            id: id.clone(),
            text: text.clone(),
            is_failed: false,
        });
        ClientFrame::Send { id, text }
    }

    /// Once more, after it failed. The same id: should the edge have stored it after all, it is not stored twice.
    pub fn say_again(&mut self, id: &str) -> Option<ClientFrame> {
        let pending = self.pending.iter_mut().find(|pending| pending.id == id)?;
        pending.is_failed = false;
        Some(ClientFrame::Send {
            id: pending.id.clone(),
            text: pending.text.clone(),
        })
    }

    /// The visitor gave up on a message that failed. Returns its words, for the composer.
    pub fn take_back(&mut self, id: &str) -> Option<String> {
        let index = self
            .pending
            .iter()
            .position(|pending| pending.id == id && pending.is_failed)?;
        Some(self.pending.remove(index).text)
    }

    /// The visitor wants a person.
    pub fn ask_for_person(&mut self) -> ClientFrame {
        self.wants_person = true;
        ClientFrame::Escalate {}
    }

    /// A frame came from the edge. Returns what there is to answer.
    pub fn hear(&mut self, frame: ServerFrame, now: UnixMs) -> Vec<ClientFrame> {
        match frame {
            ServerFrame::Welcome {
                conversation,
                seq,
                status,
                ..
            } => self.be_welcomed(conversation.0, seq, status),
            ServerFrame::Message(message) => self.file(message),
            ServerFrame::Typing { role } => {
                self.typing = Some(role);
                Vec::new()
            }
            // What the widget does not draw yet.
            ServerFrame::Delta { .. } | ServerFrame::Read { .. } | ServerFrame::Feedback { .. } => {
                Vec::new()
            }
            ServerFrame::Status { status, .. } => {
                self.status = status;
                self.typing = None;
                self.wants_person &= status == Status::Open;
                Vec::new()
            }
            ServerFrame::Error {
                code,
                id,
                retry_after,
                ..
            } => {
                self.be_refused(&code, id.as_deref(), retry_after, now);
                Vec::new()
            }
        }
    }

    /// There is no connection; it is tried again.
    pub const fn disconnect(&mut self) {
        self.typing = None;
        self.connection = Connection::Reconnecting;
    }

    /// The time of a limit is over. What is still on its way goes out again.
    pub fn try_again(&mut self) -> Vec<ClientFrame> {
        if matches!(self.connection, Connection::Limited { .. }) {
            self.connection = Connection::Online;
        }
        self.unacknowledged()
    }

    /// Everything is said from the start on a new socket: what is missing is asked for, what is not stored goes again.
    fn be_welcomed(&mut self, conversation: String, seq: Seq, status: Status) -> Vec<ClientFrame> {
        if self
            .conversation
            .as_ref()
            .is_some_and(|known| *known != conversation)
        {
            // The session could not be resumed and this is a new conversation: the old log is not part of it.
            self.log.clear();
            self.known = Seq::default();
        }
        self.conversation = Some(conversation);
        self.status = status;
        self.connection = Connection::Online;
        self.typing = None;
        self.known = self.known.max(seq);
        self.wants_person &= status == Status::Open;
        let mut frames = Vec::new();
        if self.last() < self.known {
            frames.push(ClientFrame::Resume { after: self.last() });
        }
        frames.extend(self.unacknowledged());
        frames
    }

    /// Puts a message in its place, once.
    fn file(&mut self, message: Message) -> Vec<ClientFrame> {
        let had = self.last();
        let newest = self.log.last().map_or(Seq::default(), |stored| stored.seq);
        self.known = self.known.max(message.seq);
        if message.role == Role::Visitor {
            self.pending.retain(|pending| pending.id != message.id);
        } else {
            self.typing = None;
        }
        let seq = message.seq;
        if let Err(place) = self.log.binary_search_by_key(&seq, |stored| stored.seq) {
            self.log.insert(place, Arc::new(message));
        }
        // Something between was missed. Asked for once, when the gap opens.
        if newest == had && seq > had.next() {
            vec![ClientFrame::Resume { after: had }]
        } else {
            Vec::new()
        }
    }

    /// The edge refused something: a message, or for now everything.
    fn be_refused(&mut self, code: &str, id: Option<&str>, retry_after: Option<u32>, now: UnixMs) {
        self.typing = None;
        if let Some(wait_s) = retry_after.filter(|_| code == Code::RateLimited.name()) {
            // The message stays on its way: it goes out again when the time is over.
            self.connection = Connection::Limited {
                until: now.plus(u64::from(wait_s) * 1000),
            };
        } else if let Some(pending) = self
            .pending
            .iter_mut()
            .find(|pending| Some(&*pending.id) == id)
        {
            pending.is_failed = true;
        }
    }

    /// What the edge has not confirmed, once more. Stored under the same ids, so saying it twice does no harm.
    fn unacknowledged(&self) -> Vec<ClientFrame> {
        let sends = self
            .pending
            .iter()
            .filter(|pending| !pending.is_failed)
            .map(|pending| ClientFrame::Send {
                id: pending.id.clone(),
                text: pending.text.clone(),
            });
        sends
            .chain(self.wants_person.then_some(ClientFrame::Escalate {}))
            .collect()
    }

    /// The last message before the first gap.
    fn last(&self) -> Seq {
        let n_unbroken = self
            .log
            .iter()
            .zip(1..)
            .take_while(|(stored, place)| stored.seq.0 == *place)
            .count();
        Seq(n_unbroken as u32)
    }
}

#[cfg(test)]
mod tests {
    use oriel_shared::id::{ConversationId, Rfc3339};

    use super::*;

    const NOW: UnixMs = UnixMs(1_795_314_763_042);

    fn message(seq: u32, role: Role, text: &str) -> Message {
        Message {
            seq: Seq(seq),
            id: format!("m{seq}"),
            role,
            author: None,
            text: text.to_owned(),
            blocks: Vec::new(),
            sources: Vec::new(),
            offer: None,
            feedback: None,
            at: Rfc3339::from(NOW),
        }
    }

    fn welcome(conversation: &str, seq: u32) -> ServerFrame {
        ServerFrame::Welcome {
            conversation: ConversationId(conversation.to_owned()),
            seq: Seq(seq),
            status: Status::Open,
            away: false,
            read: Seq(0),
        }
    }

    fn said(chat: &mut Chat, seq: u32, role: Role) -> Vec<ClientFrame> {
        chat.hear(ServerFrame::Message(message(seq, role, "words")), NOW)
    }

    fn ids(chat: &Chat) -> Vec<String> {
        chat.rows().iter().map(|row| row.id().to_owned()).collect()
    }

    fn send(id: &str) -> ClientFrame {
        ClientFrame::Send {
            id: id.to_owned(),
            text: "words".to_owned(),
        }
    }

    #[test]
    fn the_log_is_in_order_and_holds_each_message_once() {
        let mut chat = Chat::default();
        for seq in [2, 1, 3, 2, 1] {
            said(&mut chat, seq, Role::Assistant);
        }
        assert_eq!(ids(&chat), ["m1", "m2", "m3"]);
    }

    #[test]
    fn a_message_that_comes_too_early_asks_once_for_what_is_between() {
        let mut chat = Chat::default();
        chat.hear(welcome("cnv_a", 0), NOW);
        assert_eq!(said(&mut chat, 1, Role::Visitor), []);
        assert_eq!(
            said(&mut chat, 4, Role::Assistant),
            [ClientFrame::Resume { after: Seq(1) }]
        );
        assert_eq!(said(&mut chat, 5, Role::Assistant), [], "asked for already");
        assert!(!chat.is_caught_up());
        said(&mut chat, 2, Role::Visitor);
        said(&mut chat, 3, Role::Assistant);
        assert!(chat.is_caught_up());
    }

    #[test]
    fn a_returning_chat_asks_for_what_it_has_not_seen() {
        for (held, held_by_edge, answer) in [
            (0, 0, vec![]),
            (0, 3, vec![ClientFrame::Resume { after: Seq(0) }]),
            (2, 5, vec![ClientFrame::Resume { after: Seq(2) }]),
            (2, 2, vec![]),
        ] {
            let mut chat = Chat::default();
            chat.hear(welcome("cnv_a", 0), NOW);
            for seq in 1..=held {
                said(&mut chat, seq, Role::Assistant);
            }
            chat.disconnect();
            assert_eq!(chat.connection, Connection::Reconnecting);
            assert_eq!(
                chat.hear(welcome("cnv_a", held_by_edge), NOW),
                answer,
                "{held} of {held_by_edge}"
            );
            assert_eq!(chat.connection, Connection::Online);
        }
    }

    #[test]
    fn what_is_not_acknowledged_goes_again_after_every_reconnect() {
        let mut chat = Chat::default();
        chat.say("a".to_owned(), "words".to_owned());
        chat.say("b".to_owned(), "words".to_owned());
        assert_eq!(chat.hear(welcome("cnv_a", 0), NOW), [send("a"), send("b")]);
        let stored = Message {
            id: "a".to_owned(),
            ..message(1, Role::Visitor, "words")
        };
        chat.hear(ServerFrame::Message(stored), NOW);
        chat.disconnect();
        assert_eq!(chat.hear(welcome("cnv_a", 1), NOW), [send("b")]);
        assert_eq!(ids(&chat), ["a", "b"]);
    }

    #[test]
    fn a_pending_message_becomes_the_stored_one_and_keeps_its_row() {
        let mut chat = Chat::default();
        chat.say("a".to_owned(), "words".to_owned());
        assert_eq!(chat.delivery("a"), Delivery::Sending);
        let stored = Message {
            id: "a".to_owned(),
            ..message(1, Role::Visitor, "words")
        };
        chat.hear(ServerFrame::Message(stored), NOW);
        assert_eq!(chat.delivery("a"), Delivery::Sent);
        assert_eq!(ids(&chat), ["a"]);
    }

    #[test]
    fn a_refused_message_fails_visibly_and_can_be_said_again_or_taken_back() {
        let mut chat = Chat::default();
        chat.say("a".to_owned(), "words".to_owned());
        let refusal = ServerFrame::Error {
            code: Code::InvalidField.name().to_owned(),
            detail: String::new(),
            id: Some("a".to_owned()),
            retry_after: None,
        };
        assert_eq!(chat.take_back("a"), None, "it may arrive yet");
        chat.hear(refusal.clone(), NOW);
        assert_eq!(chat.delivery("a"), Delivery::Failed);
        assert_eq!(
            chat.hear(welcome("cnv_a", 0), NOW),
            [],
            "a failed message does not go by itself"
        );
        assert_eq!(chat.say_again("a"), Some(send("a")));
        assert_eq!(chat.delivery("a"), Delivery::Sending);
        chat.hear(refusal, NOW);
        assert_eq!(chat.take_back("a"), Some("words".to_owned()));
        assert_eq!(chat.n_rows(), 0);
    }

    #[test]
    fn a_limit_holds_the_message_back_and_sends_it_when_the_time_is_over() {
        let mut chat = Chat::default();
        chat.hear(welcome("cnv_a", 0), NOW);
        chat.say("a".to_owned(), "words".to_owned());
        let limit = ServerFrame::Error {
            code: Code::RateLimited.name().to_owned(),
            detail: String::new(),
            id: Some("a".to_owned()),
            retry_after: Some(12),
        };
        chat.hear(limit, NOW);
        assert_eq!(
            chat.connection,
            Connection::Limited {
                until: NOW.plus(12_000)
            }
        );
        assert_eq!(chat.delivery("a"), Delivery::Sending);
        assert_eq!(chat.try_again(), [send("a")]);
        assert_eq!(chat.connection, Connection::Online);
    }

    #[test]
    fn a_person_is_offered_under_the_last_answer_alone_and_until_asked_for() {
        let mut chat = Chat::default();
        chat.hear(welcome("cnv_a", 0), NOW);
        for seq in [1, 2] {
            let answer = Message {
                offer: Some(Offer::Person),
                ..message(seq, Role::Assistant, "no idea")
            };
            chat.hear(ServerFrame::Message(answer), NOW);
        }
        assert_eq!(chat.offer(), Some("m2"));
        said(&mut chat, 3, Role::Visitor);
        assert_eq!(
            chat.offer(),
            Some("m2"),
            "the visitor's own words do not hide it"
        );
        said(&mut chat, 4, Role::Assistant);
        assert_eq!(chat.offer(), None);
        let answer = Message {
            offer: Some(Offer::Person),
            ..message(5, Role::Assistant, "no idea")
        };
        chat.hear(ServerFrame::Message(answer), NOW);
        assert_eq!(chat.ask_for_person(), ClientFrame::Escalate {});
        assert_eq!(chat.offer(), None);
    }

    #[test]
    fn the_wish_for_a_person_outlives_a_lost_connection() {
        let mut chat = Chat::default();
        chat.hear(welcome("cnv_a", 0), NOW);
        chat.ask_for_person();
        chat.disconnect();
        assert_eq!(
            chat.hear(welcome("cnv_a", 0), NOW),
            [ClientFrame::Escalate {}]
        );
        chat.hear(
            ServerFrame::Status {
                status: Status::Waiting,
                away: false,
            },
            NOW,
        );
        assert_eq!(chat.hear(welcome("cnv_a", 0), NOW), []);
    }

    #[test]
    fn typing_ends_with_the_answer_with_a_new_status_and_with_the_connection() {
        let mut chat = Chat::default();
        chat.hear(
            ServerFrame::Typing {
                role: Role::Assistant,
            },
            NOW,
        );
        said(&mut chat, 1, Role::Visitor);
        assert_eq!(
            chat.typing,
            Some(Role::Assistant),
            "the visitor's own message does not end it"
        );
        said(&mut chat, 2, Role::Assistant);
        assert_eq!(chat.typing, None);
        for end in [
            |chat: &mut Chat| chat.disconnect(),
            |chat: &mut Chat| {
                drop(chat.hear(
                    ServerFrame::Status {
                        status: Status::Agent,
                        away: false,
                    },
                    NOW,
                ))
            },
        ] {
            chat.hear(
                ServerFrame::Typing {
                    role: Role::Assistant,
                },
                NOW,
            );
            end(&mut chat);
            assert_eq!(chat.typing, None);
        }
    }

    #[test]
    fn another_conversation_starts_a_new_log_and_keeps_what_was_not_sent() {
        let mut chat = Chat::default();
        chat.hear(welcome("cnv_a", 0), NOW);
        said(&mut chat, 1, Role::Assistant);
        chat.say("a".to_owned(), "words".to_owned());
        assert_eq!(chat.hear(welcome("cnv_b", 0), NOW), [send("a")]);
        assert_eq!(ids(&chat), ["a"]);
    }

    #[test]
    fn only_what_trying_again_cannot_mend_is_a_refusal() {
        for code in Code::ALL {
            let is_refusal = Refusal::from_code(code.name()).is_some();
            let is_expected = matches!(
                code,
                Code::OriginNotAllowed
                    | Code::SiteNotFound
                    | Code::TokenMissing
                    | Code::TokenInvalid
                    | Code::TokenExpired
            );
            assert_eq!(is_refusal, is_expected, "{code:?}");
        }
    }
}
