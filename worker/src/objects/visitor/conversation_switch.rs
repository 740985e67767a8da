//! Several conversations of one visitor: a new one begins, an earlier one goes on, one after the other. For visitors whom
//! the site vouches for: anybody else is somebody new whenever they like.
//!
//! Keeps true: exactly one conversation is the current one, and every frame is about it. Only what is in D1 as a whole is
//! archived, in one write with what takes its place, so that an instance's death leaves one or the other. A conversation
//! that waits for a person, or has one, is ended first. What the limits count goes along.

use std::rc::Rc;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::Status;

use super::archive::{Archive, CONVERSATIONS_MAX};
use super::conversation::Record;
use super::erasure::Erasure;
use super::limits::FrameLimits;
use super::sender::Sender;
use super::timeline::Timeline;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::log_failure;

/// While the last messages go to D1, the assistant may post more; then they are written again.
const ATTEMPTS: u32 = 3;
/// How long to wait when D1 does not answer, seconds.
const RETRY_SECS: u32 = 5;

/// Switches between conversations.
pub struct ConversationSwitch {
    /// The current one.
    pub timeline: Rc<Timeline>,
    /// The others.
    pub archive: Rc<Archive>,
    /// Is finished first: it spares the current conversation alone.
    pub erasure: Rc<Erasure>,
    /// How often a visitor may switch.
    pub limits: Rc<FrameLimits>,
}

impl ConversationSwitch {
    /// The visitor begins a conversation, or goes back to `next`.
    pub async fn on_switch(
        &self,
        sender: &Sender<'_>,
        next: Option<ConversationId>,
    ) -> Result<(), Problem> {
        match self.try_switch(next.as_ref()).await {
            Ok(true) => self.timeline.welcome_all(),
            // They are there already.
            Ok(false) => {
                if let Some(record) = self.timeline.conversation.record()? {
                    sender.reply(self.timeline.welcome(record)?);
                }
                Ok(())
            }
            Err(problem) => {
                if problem.is_ours() {
                    log_failure("switch", &problem);
                }
                self.timeline.broadcast.refuse(sender, problem, None);
                Ok(())
            }
        }
    }

    /// Returns whether another conversation is the current one now.
    async fn try_switch(&self, next: Option<&ConversationId>) -> Result<bool, Problem> {
        for attempt in 0..=ATTEMPTS {
            let Some(record) = self.timeline.conversation.record()? else {
                return Ok(false);
            };
            if !self.check(&record, next)? {
                return Ok(false);
            }
            if attempt == 0 {
                let admitted = self.limits.admit_switch(clock::now());
                admitted.map_err(|limited| Problem::limited(&limited))?;
            } else if record.seq == Seq(0) || self.timeline.sync.has_all(&record)? {
                self.switch(next)?;
                return Ok(true);
            }
            self.write_all().await.map_err(|problem| later(&problem))?;
        }
        Err(later(&Problem::unavailable("database", &"never at rest")))
    }

    /// Whether there is somewhere to go.
    ///
    /// # Errors
    /// Why the visitor may not go there.
    fn check(&self, current: &Record, next: Option<&ConversationId>) -> Result<bool, Problem> {
        if current.verified == 0 {
            return Err(Problem::refused(Code::NotVerified));
        }
        match next {
            Some(next) if *next == current.id => return Ok(false),
            Some(next) if self.archive.find(next)?.is_none() => {
                return Err(Problem::refused(Code::NotFound));
            }
            None if current.seq == Seq(0) => return Ok(false),
            None if self.archive.count()? + 1 >= CONVERSATIONS_MAX => {
                return Err(Problem::refused(Code::TooManyConversations));
            }
            _ => {}
        }
        if matches!(current.status, Status::Waiting | Status::Agent) {
            return Err(Problem::refused(Code::ConversationBusy));
        }
        Ok(true)
    }

    /// Nothing waits in here: it is one write.
    fn switch(&self, next: Option<&ConversationId>) -> Result<(), Problem> {
        let conversation = &self.timeline.conversation;
        let arrivals = conversation.arrivals()?;
        self.timeline.silence_assistant()?;
        self.archive.store_current()?;
        conversation.replace(arrivals)?;
        if let Some(next) = next {
            conversation.restore(next)?;
            self.archive.remove(next)?;
        }
        Ok(())
    }

    /// Writes to D1 all that it does not have, and erases there what is to be erased.
    async fn write_all(&self) -> Result<(), Problem> {
        self.erasure.finish().await?;
        if self.erasure.is_pending()? {
            return Err(Problem::unavailable("database", &"an erasure is pending"));
        }
        self.timeline.sync.run().await
    }
}

/// It can be tried again.
fn later(problem: &Problem) -> Problem {
    Problem::unavailable("database", &problem.cause()).with_retry_after(RETRY_SECS)
}
