//! Several conversations of one visitor: a new one begins, an earlier one goes on, one after the other. For visitors whom
//! the site vouches for: anybody else is somebody new whenever they like.
//!
//! Keeps true: exactly one conversation is the current one, and every frame is about it. Only what is in D1 as a whole is
//! put away, in one write with what takes its place, so that an instance's death leaves one or the other. A conversation
//! that waits for a person, or has one, is ended first. What the limits count goes along.

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ServerFrame, Status};

use super::broadcast::{self, Sender};
use super::messages::{self, Conversation};
use super::{Visitor, archive, erase, sessions};
use crate::calls::VisitorReply;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::note;

/// While D1 is told of what was said last, more may be said by the assistant; then it is told again.
const ATTEMPTS: u32 = 3;
/// How long to wait when D1 does not answer, seconds.
const RETRY_SECS: u32 = 5;

impl Visitor {
    /// The visitor begins a conversation, or goes back to `next`.
    pub(super) async fn change_conversation(
        &self,
        sender: &Sender<'_>,
        next: Option<ConversationId>,
    ) -> Result<(), Problem> {
        match self.try_change(next.as_ref()).await {
            Ok(true) => self.welcome_all(),
            // They are there already.
            Ok(false) => {
                if let Some(conversation) = messages::conversation(self.sql())? {
                    sender.tell(self.welcome(conversation)?);
                }
                Ok(())
            }
            Err(problem) => {
                if problem.code.status() >= 500 {
                    note("change", &problem);
                }
                self.refuse(sender, problem, None);
                Ok(())
            }
        }
    }

    /// Tells whether another conversation is the current one now.
    async fn try_change(&self, next: Option<&ConversationId>) -> Result<bool, Problem> {
        let sql = self.sql();
        for attempt in 0..=ATTEMPTS {
            let Some(conversation) = messages::conversation(sql)? else {
                return Ok(false);
            };
            if conversation.verified == 0 {
                return Err(Problem::refused(Code::NotVerified));
            }
            let is_empty = conversation.seq == Seq(0);
            match next {
                Some(next) if *next == conversation.id => return Ok(false),
                Some(next) if archive::find(sql, next)?.is_none() => {
                    return Err(Problem::refused(Code::NotFound));
                }
                None if is_empty => return Ok(false),
                None if archive::count(sql)? + 1 >= archive::CONVERSATIONS_MAX => {
                    return Err(Problem::refused(Code::TooManyConversations));
                }
                _ => {}
            }
            if matches!(conversation.status, Status::Waiting | Status::Agent) {
                return Err(Problem::refused(Code::ConversationBusy));
            }
            if attempt == 0 {
                let admitted = self.frames.admit_change(clock::now());
                admitted.map_err(|limited| Problem::limited(&limited))?;
            } else if is_empty || archive::is_kept(&conversation, sql)? {
                // From here on nothing waits: one write.
                let arrivals = messages::arrivals(sql)?;
                self.silence()?;
                self.cache.forget_conversation();
                archive::change(sql, next, arrivals)?;
                return Ok(true);
            }
            self.bring_to_d1().await.map_err(|problem| away(&problem))?;
        }
        Err(away(&Problem::unavailable("database", &"never at rest")))
    }

    /// All that D1 has still to learn or to forget.
    async fn bring_to_d1(&self) -> Result<(), Problem> {
        // First: it spares the current conversation alone.
        self.finish_erasure().await?;
        if erase::is_pending(self.sql())? {
            return Err(Problem::unavailable("database", &"an erasure is pending"));
        }
        self.keep().await
    }

    /// Tells every tab that another conversation is the current one. A stream has what was said in it right behind, as
    /// when it is opened; a socket is asked for it.
    pub(super) fn welcome_all(&self) -> Result<(), Problem> {
        let Some(conversation) = messages::conversation(self.sql())? else {
            return Ok(());
        };
        let welcome = self.welcome(conversation)?;
        self.broadcast(&welcome);
        if !self.streams.is_empty() {
            let tell = |frame: ServerFrame| self.streams.tell(|_| true, &broadcast::event(&frame));
            self.missed(Seq(0), tell)?;
        }
        Ok(())
    }

    /// Whether a message is meant for another conversation than the current one, by what its sender names, or because it
    /// was sent before and is there.
    pub(super) fn is_for_another(
        &self,
        named: Option<&ConversationId>,
        id: &str,
    ) -> Result<bool, Problem> {
        let sql = self.sql();
        let Some(tail) = self.cache.tail(sql)? else {
            return Ok(false);
        };
        match named {
            Some(named) => Ok(*named != *tail.conversation),
            None => Ok(tail.has_others && archive::has_message(sql, id)?),
        }
    }

    /// Refuses what the team means for another conversation than the current one.
    pub(super) fn check_current(&self, meant: &ConversationId) -> Result<(), Problem> {
        let sql = self.sql();
        let current = self.cache.tail(sql)?.map(|tail| tail.conversation);
        if current.is_some_and(|current| *current == *meant) {
            return Ok(());
        }
        Err(Problem::refused(match archive::find(sql, meant)? {
            Some(_) => Code::ConversationNotCurrent,
            None => Code::NotFound,
        }))
    }

    /// The visitor's own conversations.
    pub(super) fn list_own(&self, family: &str) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        if !sessions::is_live(sql, family)? {
            return Err(Problem::refused(Code::SessionExpired));
        }
        match messages::conversation(sql)? {
            Some(Conversation { verified: 1, .. }) => {
                Ok(VisitorReply::Conversations(archive::list(sql)?))
            }
            _ => Err(Problem::refused(Code::NotVerified)),
        }
    }
}

/// It can be tried again.
fn away(problem: &Problem) -> Problem {
    Problem::unavailable("database", &problem.cause()).with_retry_after(RETRY_SECS)
}
