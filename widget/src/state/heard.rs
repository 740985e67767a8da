//! What the edge says, and what there is to answer.

use std::sync::Arc;

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::{
        problem::Code,
        visitor::{ClientFrame, Message, Role, ServerFrame, Status},
    },
};

use super::{Chat, Standing, live::Live, presence::Presence};

impl Chat {
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
                return self.on_welcome(conversation.0, seq, status, away, read);
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
            } => self.on_refused(&code, id.as_deref(), retry_after, now),
        }
        Vec::new()
    }

    /// There is no connection; it is tried again. The rest of an answer that was being made comes with its message.
    pub fn disconnect(&mut self) {
        self.presence.end_writing();
        self.live = None;
        self.standing = Standing::Reconnecting;
    }

    /// The time of a limit is over. What is still on its way goes out again.
    pub fn try_again(&mut self) -> Vec<ClientFrame> {
        if matches!(self.standing, Standing::Limited { .. }) {
            self.standing = Standing::Online;
        }
        self.unacknowledged()
    }

    /// Everything is said from the start on a new connection: what is missing is asked for, what is not stored goes
    /// again.
    fn on_welcome(
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
        self.standing = Standing::Online;
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

    /// The edge refused something: a message, or for now everything.
    fn on_refused(&mut self, code: &str, id: Option<&str>, retry_after: Option<u32>, now: UnixMs) {
        self.presence.end_writing();
        const RATE_LIMITED: &str = Code::RateLimited.name();
        if let Some(wait_s) = retry_after.filter(|_| code == RATE_LIMITED) {
            // The message stays on its way: it goes out again when the time is over.
            self.standing = Standing::Limited {
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
}
