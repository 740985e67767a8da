//! What the visitor does, and the frames that tell the edge. What the edge has not confirmed is kept, to be sent again.

use std::sync::Arc;

use oriel_shared::{
    id::UnixMs,
    wire::visitor::{ClientFrame, PageContext},
};

use super::Chat;

impl Chat {
    /// Clears everything but the state of the panel and what the site asks first.
    pub fn clear(&mut self) {
        *self = Self {
            is_panel_open: self.is_panel_open,
            ..Self::new(self.lead.has_prechat)
        };
    }

    /// Somebody else uses the chat now. What was written before there was a conversation is theirs.
    pub fn change_visitor(&mut self) {
        let (draft, messages) = if self.conversation.is_none() {
            (
                std::mem::take(&mut self.draft),
                std::mem::take(&mut self.outgoing.messages),
            )
        } else {
            Default::default()
        };
        self.clear();
        self.draft = draft;
        self.outgoing.messages = messages;
    }

    /// The visitor writes. Returns a typing frame every few seconds.
    pub fn write(&mut self, draft: String, now: UnixMs) -> Option<ClientFrame> {
        self.draft = draft;
        let is_online = self.is_online();
        is_online.then(|| self.presence.send_typing(now)).flatten()
    }

    /// The visitor sends what they wrote, if it is anything.
    pub fn send(&mut self, id: String) -> Option<ClientFrame> {
        let draft = std::mem::take(&mut self.draft);
        let text = trimmed(&draft);
        (!text.is_empty()).then(|| self.send_text(id, text.to_owned()))
    }

    /// A suggestion or the page asks in the visitor's name; what the visitor is writing stays. While the prechat form
    /// is due, the question waits in the field.
    pub fn ask(&mut self, id: String, text: &str) -> Option<ClientFrame> {
        let text = trimmed(text);
        if self.needs_prechat() {
            self.draft = text.to_owned();
            return None;
        }
        (!text.is_empty()).then(|| self.send_text(id, text.to_owned()))
    }

    pub(super) fn send_text(&mut self, id: String, text: String) -> ClientFrame {
        // The conversation goes on; what was filled in so far waits behind its button.
        self.lead.is_open = false;
        self.outgoing.push(id, text)
    }

    /// The page says where the visitor is.
    pub fn set_context(&mut self, context: PageContext) -> Option<ClientFrame> {
        self.outgoing.context = Some(Arc::new(context.clone()));
        self.is_online().then_some(ClientFrame::Context(context))
    }

    /// The visitor takes a failed message back, to edit it. Its text goes in front of what they are writing.
    pub fn edit_failed(&mut self, id: &str) {
        if let Some(text) = self.outgoing.take_failed(id) {
            self.draft.insert_str(0, &text);
        }
    }

    /// The visitor stops the answer. What there is of it stays until the edge has stored it.
    pub fn stop_answer(&mut self) -> ClientFrame {
        self.presence.end_typing();
        if let Some(answer) = &mut self.answer {
            answer.is_stopped = true;
        }
        ClientFrame::Stop {}
    }
}

/// A text without the white space around it: what Unicode calls so, and control characters, spelled out. `str::trim`
/// brings a table along, which every visitor would load.
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
