//! The chat as plain data: what was said, what is still on its way, and how things stand.
//!
//! Keeps true: the log is ordered by sequence number and holds each message once; what the visitor sent, asked for or
//! left is kept until the edge has it or the visitor threw it away, whatever the connection does. No clock and no DOM:
//! time comes in as an argument, and a store wraps this from outside.
//!
//! - [`standing`]: how the frame stands with the edge
//! - [`live`]: the answer that is being made
//! - [`presence`]: who is writing, who has read how far

pub mod live;
pub mod presence;
pub mod standing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::{
        problem::Code,
        visitor::{ClientFrame, Lead, Message, Offer, PageContext, Role, ServerFrame, Status},
    },
};

pub use self::standing::{Connection, Refusal};
use self::{live::Live, presence::Presence};

/// Rows that are drawn while the visitor is at the end of the log. More than any screen shows, and no more than a phone
/// draws with ease.
const NEWEST: usize = 60;

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
    pub connection: Connection,
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
    /// Where the visitor is, as the page says; told again on every connection.
    context: Option<Arc<PageContext>>,
    /// Whether the edge took the last one not.
    is_lead_refused: bool,
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

    /// Whether everything that the edge holds is here: from then on, what comes is news.
    pub fn is_caught_up(&self) -> bool {
        self.conversation.is_some() && self.last() >= self.known
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
        (is_news && self.is_caught_up() && self.connection == Connection::Online)
            .then_some(last.seq)
    }

    /// What is stored after a message, in order.
    pub fn since(&self, seq: Seq) -> impl Iterator<Item = &Message> {
        let log = self.log.iter().map(AsRef::as_ref);
        log.filter(move |message| message.seq > seq)
    }

    /// Everything is forgotten. The panel stays as it is, and so does what the site wants.
    pub fn forget(&mut self) {
        *self = Self {
            is_shown: self.is_shown,
            asks_first: self.asks_first,
            ..Self::default()
        };
    }

    /// Somebody else is here now. What is written to a chat that has not begun is theirs.
    pub fn change_hands(&mut self) {
        let (draft, pending) = if self.conversation.is_none() {
            (
                std::mem::take(&mut self.draft),
                std::mem::take(&mut self.pending),
            )
        } else {
            Default::default()
        };
        self.forget();
        self.draft = draft;
        self.pending = pending;
    }

    /// The visitor writes. Returns the frame that says so, now and then.
    pub fn write(&mut self, draft: String, now: UnixMs) -> Option<ClientFrame> {
        self.draft = draft;
        let is_online = self.connection == Connection::Online;
        is_online.then(|| self.presence.tell_writing(now)).flatten()
    }

    /// The visitor sends what they wrote, if it is anything. Returns the frame that says so to the edge.
    pub fn send(&mut self, id: String) -> Option<ClientFrame> {
        let draft = std::mem::take(&mut self.draft);
        let text = trimmed(&draft);
        (!text.is_empty()).then(|| self.say(id, text.to_owned()))
    }

    /// Somebody asks in the visitor's name; what the visitor is writing stays theirs. While the site asks something first,
    /// the question waits in the field.
    pub fn ask(&mut self, id: String, text: &str) -> Option<ClientFrame> {
        let text = trimmed(text);
        if self.is_asked_first() {
            self.draft = text.to_owned();
            return None;
        }
        (!text.is_empty()).then(|| self.say(id, text.to_owned()))
    }

    /// The page says where the visitor is.
    pub fn place(&mut self, context: PageContext) -> Option<ClientFrame> {
        let is_online = self.connection == Connection::Online;
        self.context = Some(Arc::new(context.clone()));
        is_online.then_some(ClientFrame::Context(context))
    }

    /// The visitor says this. Returns the frame that says so to the edge.
    fn say(&mut self, id: String, text: String) -> ClientFrame {
        // The conversation goes on; what was filled in so far waits behind its button.
        self.is_form_open = false;
        self.pending.push(Pending {
            id: id.clone(),
            text: text.clone(),
            is_failed: false,
        });
        frame_of(id, text)
    }

    /// Once more, after it failed. The same id: should the edge have stored it after all, it is not stored twice.
    pub fn say_again(&mut self, id: &str) -> Option<ClientFrame> {
        let pending = self.pending.iter_mut().find(|pending| pending.id == id)?;
        pending.is_failed = false;
        Some(frame_of(pending.id.clone(), pending.text.clone()))
    }

    /// The visitor takes back a message that failed. Its words go in front of what they are writing.
    pub fn take_back(&mut self, id: &str) {
        let failed = |pending: &Pending| pending.id == id && pending.is_failed;
        if let Some(index) = self.pending.iter().position(failed) {
            let pending = self.pending.remove(index);
            self.draft.insert_str(0, &pending.text);
        }
    }

    /// The visitor wants a person.
    pub fn ask_for_person(&mut self) -> ClientFrame {
        self.wants_person = true;
        ClientFrame::Escalate {}
    }

    /// The visitor has heard enough of the answer. What there is of it stays until the edge has stored it.
    pub fn stop(&mut self) -> ClientFrame {
        self.presence.end_writing();
        if let Some(live) = &mut self.live {
            live.is_stopped = true;
        }
        ClientFrame::Stop {}
    }

    /// The visitor leaves something for the team.
    pub fn leave(&mut self, lead: Lead) -> ClientFrame {
        self.is_lead_refused = false;
        self.lead = Some(Arc::new(lead.clone()));
        ClientFrame::Lead(lead)
    }

    /// The visitor has answered what the site asks before the first message. What they did not leave blank goes to the
    /// team.
    pub fn introduce(&mut self, lead: Lead) -> Option<ClientFrame> {
        self.is_introduced = true;
        (lead != Lead::default()).then(|| self.leave(lead))
    }

    /// The visitor says what they think of an answer.
    pub fn judge(&mut self, seq: Seq, is_good: bool) -> ClientFrame {
        let is_told = self.connection == Connection::Online;
        self.note_feedback(seq, is_good, is_told);
        ClientFrame::Feedback { seq, good: is_good }
    }

    /// The visitor has everything up to this message before their eyes.
    pub fn see(&mut self, seq: Seq) -> ClientFrame {
        self.presence.mark_read(Role::Visitor, seq);
        ClientFrame::Read { seq }
    }

    /// A frame came from the edge. Returns what there is to answer.
    pub fn hear(&mut self, frame: ServerFrame, now: UnixMs) -> Vec<ClientFrame> {
        match frame {
            ServerFrame::Welcome {
                conversation,
                seq,
                status,
                away,
                read,
                several,
            } => {
                self.several = several;
                return self.be_welcomed(conversation.0, seq, status, away, read);
            }
            ServerFrame::Message(message) => return self.file(message),
            ServerFrame::Delta { id, text } => self.overhear(id, &text),
            ServerFrame::Typing { role } => self.presence.begin_writing(role, now),
            ServerFrame::Status { status, away } => {
                self.presence.end_writing();
                self.move_to(status, away);
            }
            ServerFrame::Read { role, seq } => self.presence.mark_read(role, seq),
            ServerFrame::Feedback { seq, good } => self.note_feedback(seq, good, true),
            ServerFrame::Error {
                code,
                id,
                retry_after,
                ..
            } => self.be_refused(&code, id.as_deref(), retry_after, now),
        }
        Vec::new()
    }

    /// There is no connection; it is tried again. The rest of an answer that was being made comes with its message.
    pub fn disconnect(&mut self) {
        self.presence.end_writing();
        self.live = None;
        self.connection = Connection::Reconnecting;
    }

    /// The time of a limit is over. What is still on its way goes out again.
    pub fn try_again(&mut self) -> Vec<ClientFrame> {
        if matches!(self.connection, Connection::Limited { .. }) {
            self.connection = Connection::Online;
        }
        self.unacknowledged()
    }

    /// Everything is said from the start on a new connection: what is missing is asked for, what is not stored goes
    /// again.
    fn be_welcomed(
        &mut self,
        conversation: String,
        seq: Seq,
        status: Status,
        is_away: bool,
        read: Seq,
    ) -> Vec<ClientFrame> {
        if self
            .conversation
            .as_ref()
            .is_some_and(|known| *known != conversation)
        {
            // The visitor went on in another conversation, or the session could not be resumed: the old log is not part of
            // it. What was meant for the one that they left is not said in this one by itself.
            for pending in &mut self.pending {
                pending.is_failed |= self.several;
            }
            self.wants_person = false;
            self.log.clear();
            self.feedback.clear();
            self.back_to = None;
            self.presence = Presence::default();
            self.known = Seq::default();
        }
        self.conversation = Some(conversation);
        self.connection = Connection::Online;
        self.presence.end_writing();
        self.presence.read = read;
        self.live = None;
        self.known = self.known.max(seq);
        self.move_to(status, is_away);
        let mut frames = Vec::new();
        if self.last() < self.known {
            frames.push(ClientFrame::Resume { after: self.last() });
        }
        frames.extend(self.unacknowledged());
        frames
    }

    /// The conversation stands here now.
    fn move_to(&mut self, status: Status, is_away: bool) {
        self.status = status;
        self.is_away = is_away;
        self.wants_person &= status == Status::Open;
        if matches!(status, Status::Agent | Status::Closed) {
            // Taken from the assistant: it is not heard out.
            self.live = None;
        }
        self.is_form_open &= status != Status::Agent;
    }

    /// The next words of an answer.
    fn overhear(&mut self, id: String, text: &str) {
        let is_over = matches!(self.status, Status::Agent | Status::Closed)
            || self.log.iter().rev().any(|stored| stored.id == id);
        if !is_over {
            let is_begun = self.presence.writing() == Some(Role::Assistant);
            Live::grow(&mut self.live, id, text, is_begun);
        }
    }

    /// Puts a message in its place, once.
    fn file(&mut self, message: Message) -> Vec<ClientFrame> {
        let had = self.last();
        let newest = self.log.last().map_or(Seq::default(), |stored| stored.seq);
        self.known = self.known.max(message.seq);
        if message.role == Role::Visitor {
            self.pending.retain(|pending| pending.id != message.id);
        } else {
            self.presence.end_writing();
            self.live.take_if(|live| live.id == message.id);
        }
        let seq = message.seq;
        if let Some(is_good) = message.feedback {
            self.note_feedback(seq, is_good, true);
        }
        if let Err(place) = self.log.binary_search_by_key(&seq, |stored| stored.seq) {
            if message.role == Role::System && self.lead.take().is_some() {
                // What was left is acknowledged in the log.
                self.is_form_open = false;
            }
            self.log.insert(place, Arc::new(message));
        }
        // Something between was missed. Asked for once, when the gap opens.
        if newest == had && seq > had.next() {
            vec![ClientFrame::Resume { after: had }]
        } else {
            Vec::new()
        }
    }

    fn note_feedback(&mut self, seq: Seq, is_good: bool, is_told: bool) {
        self.feedback.retain(|given| given.seq != seq);
        self.feedback.push(Feedback {
            seq,
            is_good,
            is_told,
        });
    }

    /// The edge refused something: a message, or for now everything.
    fn be_refused(&mut self, code: &str, id: Option<&str>, retry_after: Option<u32>, now: UnixMs) {
        self.presence.end_writing();
        const RATE_LIMITED: &str = Code::RateLimited.name();
        if let Some(wait_s) = retry_after.filter(|_| code == RATE_LIMITED) {
            // The message stays on its way: it goes out again when the time is over.
            self.connection = Connection::Limited {
                until: now.plus(u64::from(wait_s) * 1000),
            };
        } else if id.is_none() {
            if self.lead.take().is_some() {
                self.is_lead_refused = true;
                self.is_introduced = false;
            }
        } else if let Some(pending) = self
            .pending
            .iter_mut()
            .find(|pending| Some(&*pending.id) == id)
        {
            pending.is_failed = true;
        }
    }

    /// What the edge has not confirmed, once more. Saying any of it twice does no harm: messages are stored under the
    /// same ids, and the rest replaces itself.
    fn unacknowledged(&mut self) -> Vec<ClientFrame> {
        let mut frames = Vec::new();
        for pending in &self.pending {
            if !pending.is_failed {
                frames.push(frame_of(pending.id.clone(), pending.text.clone()));
            }
        }
        if self.wants_person {
            frames.push(ClientFrame::Escalate {});
        }
        if let Some(lead) = &self.lead {
            frames.push(ClientFrame::Lead(Lead::clone(lead)));
        }
        if let Some(context) = &self.context {
            frames.push(ClientFrame::Context(PageContext::clone(context)));
        }
        for given in self.feedback.iter_mut().filter(|given| !given.is_told) {
            given.is_told = true;
            frames.push(ClientFrame::Feedback {
                seq: given.seq,
                good: given.is_good,
            });
        }
        frames
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
}

/// A text without the white space around it: what Unicode calls so, and control characters, spelled out. `str::trim` brings
/// a table along, which every visitor would load.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| {
        matches!(
            c,
            '\0'..=' '
                | '\u{7f}'..='\u{a0}'
                | '\u{1680}'
                | '\u{2000}'..='\u{200a}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{3000}'
        )
    })
}

/// What says something to the edge.
const fn frame_of(id: String, text: String) -> ClientFrame {
    ClientFrame::Send {
        id,
        text,
        conversation: None,
    }
}
