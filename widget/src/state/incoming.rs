//! Frames from the edge that concern more than one part of the chat, and what becomes of a lost connection.

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::{
        problem::Code,
        visitor::{ClientFrame, Message, Role, Status},
    },
};

use super::{
    Chat, ConnectionState, answer::StreamingAnswer, feedback::Feedback, log::MessageLog,
    presence::Presence,
};

impl Chat {
    /// The connection is lost; the next attempt comes by itself. The rest of an answer comes with its stored message.
    pub fn on_disconnect(&mut self) {
        self.presence.end_typing();
        self.answer = None;
        self.connection = ConnectionState::Reconnecting;
    }

    /// The time of a rate limit is over. Returns what goes out again.
    pub fn on_limit_over(&mut self) -> Vec<ClientFrame> {
        if matches!(self.connection, ConnectionState::RateLimited { .. }) {
            self.connection = ConnectionState::Online;
        }
        self.unconfirmed()
    }

    /// The connection belongs to this conversation, of which the edge holds so many messages.
    pub(super) fn on_conversation(&mut self, conversation: String, seq: Seq) {
        if self
            .conversation
            .as_ref()
            .is_some_and(|known| *known != conversation)
        {
            // The visitor went on in another conversation, or the session could not be resumed: the old log is not part
            // of it. What was meant for the conversation that they left is not sent to this one by itself.
            for message in &mut self.outgoing.messages {
                message.is_failed |= self.has_several;
            }
            self.outgoing.wants_person = false;
            self.log = MessageLog::default();
            self.feedback = Feedback::default();
            self.presence = Presence::default();
        }
        self.conversation = Some(conversation);
        self.connection = ConnectionState::Online;
        self.answer = None;
        self.log.known = self.log.known.max(seq);
    }

    /// Every connection begins with this: what is missing is asked for, and what is not confirmed goes out again.
    pub(super) fn catch_up(&mut self) -> Vec<ClientFrame> {
        let mut frames = Vec::new();
        let after = self.log.last_unbroken();
        if after < self.log.known {
            frames.push(ClientFrame::Resume { after });
        }
        frames.extend(self.unconfirmed());
        frames
    }

    /// Somebody else has the conversation now, or it has ended.
    pub(super) fn on_status(&mut self, status: Status, is_team_away: bool) {
        self.presence.end_typing();
        self.status = status;
        self.is_team_away = is_team_away;
        self.outgoing.wants_person &= status == Status::Open;
        if matches!(status, Status::Agent | Status::Closed) {
            // The assistant's answer is no longer wanted.
            self.answer = None;
        }
        self.lead.is_open &= status != Status::Agent;
    }

    /// The next text of an answer.
    pub(super) fn on_delta(&mut self, id: String, text: &str) {
        let is_over = matches!(self.status, Status::Agent | Status::Closed)
            || self
                .log
                .messages()
                .iter()
                .rev()
                .any(|stored| stored.id == id);
        if !is_over {
            let has_begun = self.presence.typing() == Some(Role::Assistant);
            StreamingAnswer::append(&mut self.answer, id, text, has_begun);
        }
    }

    /// A message was stored.
    pub(super) fn on_message(&mut self, message: Message) -> Vec<ClientFrame> {
        let last_unbroken = self.log.last_unbroken();
        let newest = self
            .log
            .newest()
            .map_or(Seq::default(), |newest| newest.seq);
        let (seq, role) = (message.seq, message.role);
        self.log.known = self.log.known.max(seq);
        if role == Role::Visitor {
            self.outgoing.acknowledge(&message.id);
        } else {
            self.presence.end_typing();
            self.answer.take_if(|answer| answer.id == message.id);
        }
        self.feedback.on_message(&message);
        if self.log.insert(message) && role == Role::System {
            self.lead.acknowledge();
        }
        // Something in between was missed. It is asked for once, when the gap opens.
        if newest == last_unbroken && seq > last_unbroken.next() {
            vec![ClientFrame::Resume {
                after: last_unbroken,
            }]
        } else {
            Vec::new()
        }
    }

    /// The edge refused a message, a form, or for now everything.
    pub(super) fn on_error(
        &mut self,
        code: &str,
        id: Option<&str>,
        retry_after: Option<u32>,
        now: UnixMs,
    ) {
        self.presence.end_typing();
        const RATE_LIMITED: &str = Code::RateLimited.name();
        if let Some(wait_s) = retry_after.filter(|_| code == RATE_LIMITED) {
            // The message stays on its way: it goes out again when the time is over.
            self.connection = ConnectionState::RateLimited {
                until: now.plus(u64::from(wait_s) * 1000),
            };
        } else if let Some(id) = id {
            self.outgoing.fail(id);
        } else {
            self.lead.refuse();
        }
    }
}
