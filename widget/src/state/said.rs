//! What the visitor does, and the frames that say so to the edge. What the edge has not confirmed is kept, to be said again.

use std::sync::Arc;

use oriel_shared::{
    id::{Seq, UnixMs},
    wire::visitor::{ClientFrame, Lead, PageContext, Role},
};

use super::{Chat, Pending, Standing};

impl Chat {
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
        let is_online = self.standing == Standing::Online;
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
        let is_online = self.standing == Standing::Online;
        self.context = Some(Arc::new(context.clone()));
        is_online.then_some(ClientFrame::Context(context))
    }

    /// The visitor says this. Returns the frame that says so to the edge.
    pub(super) fn say(&mut self, id: String, text: String) -> ClientFrame {
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
        let is_told = self.standing == Standing::Online;
        self.note_feedback(seq, is_good, is_told);
        ClientFrame::Feedback { seq, good: is_good }
    }

    /// The visitor has everything up to this message before their eyes.
    pub fn see(&mut self, seq: Seq) -> ClientFrame {
        self.presence.mark_read(Role::Visitor, seq);
        ClientFrame::Read { seq }
    }

    /// What the edge has not confirmed, once more. Saying any of it twice does no harm: messages are stored under the
    /// same ids, and the rest replaces itself.
    pub(super) fn unacknowledged(&mut self) -> Vec<ClientFrame> {
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
}

/// A text without the white space around it: what Unicode calls so, and control characters, spelled out. `str::trim` brings
/// a table along, which every visitor would load.
pub fn trimmed(text: &str) -> &str {
    // One walk from front to back: to walk from either end would bring along how text is read backwards.
    let (mut start, mut end) = (0, 0);
    for (at, c) in text.char_indices() {
        let is_blank = matches!(
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
        );
        if !is_blank {
            if end == 0 {
                start = at;
            }
            end = at + c.len_utf8();
        }
    }
    text.get(start..end).unwrap_or_default()
}

/// What says something to the edge.
const fn frame_of(id: String, text: String) -> ClientFrame {
    ClientFrame::Send {
        id,
        text,
        conversation: None,
    }
}
