//! What a visitor says without a message: that they are writing, how far they have read, where they are.

use std::cell::Cell;
use std::rc::Rc;

use oriel_shared::id::{Seq, UnixMs};
use oriel_shared::text::context;
use oriel_shared::wire::visitor::{PageContext, Role, ServerFrame, Status};

use super::sender::Sender;
use super::timeline::Timeline;
use crate::clock;
use crate::http::problem::Problem;

/// How often the team is told that the visitor is writing.
const TYPING_EVERY_MS: u64 = 2_000;
const TYPING: ServerFrame = ServerFrame::Typing {
    role: Role::Visitor,
};

/// Takes signals.
pub struct Signals {
    timeline: Rc<Timeline>,
    /// When the team was told last that the visitor is writing.
    typed_at: Cell<UnixMs>,
}

impl Signals {
    /// Takes those about a conversation.
    pub fn new(timeline: Rc<Timeline>) -> Self {
        Self {
            timeline,
            typed_at: Cell::default(),
        }
    }

    /// The visitor is writing.
    pub fn on_typing(&self, sender: &Sender<'_>) -> Result<(), Problem> {
        self.timeline.broadcast.send_others(&TYPING, sender);
        // A machine does not wait for the end of a sentence; a person likes to know, and not more often than this.
        let now = clock::now();
        let is_news = now >= self.typed_at.get().plus(TYPING_EVERY_MS);
        let status = self.timeline.conversation.status()?;
        if is_news && matches!(status, Some(Status::Waiting | Status::Agent)) {
            self.typed_at.set(now);
            self.timeline.sync.send_moment(&TYPING)?;
        }
        Ok(())
    }

    /// The visitor has seen the messages up to this one.
    pub fn on_read(&self, sender: &Sender<'_>, seq: Seq) -> Result<(), Problem> {
        let role = Role::Visitor;
        if let Some(seq) = self.timeline.conversation.set_read(role, seq)? {
            let frame = ServerFrame::Read { role, seq };
            self.timeline.broadcast.send_others(&frame, sender);
            self.timeline.sync.send_moment(&frame)?;
        }
        Ok(())
    }

    /// The page has said where the visitor is.
    pub async fn on_context(
        &self,
        sender: &Sender<'_>,
        context: PageContext,
    ) -> Result<(), Problem> {
        match context::context(context) {
            Ok(context) => {
                if self.timeline.conversation.set_context(&context)? {
                    self.timeline.sync.wake_soon().await?;
                }
            }
            Err((field, error)) => {
                let problem = Problem::field(field, &error);
                self.timeline.broadcast.refuse(sender, problem, None);
            }
        }
        Ok(())
    }
}
