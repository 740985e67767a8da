//! Erasure: the object erases at once, then D1 does; what cannot be done now is done by the alarm.
//!
//! Keeps true: when it has begun, nothing of the visitor is in this object's tables but a note that says what D1 has
//! still to erase; the note ends with the erasure. Rows that are on their way to D1 get there before they are deleted
//! ([`D1Sync::hold`]), so that no batch writes them again. Tickets from before stay spent: the time of the erasure is
//! kept until the last of them is void, and then the storage is empty as a whole.

use std::rc::Rc;

use oriel_shared::event::Action;
use oriel_shared::id::{AuditId, ConversationId, UnixMs};
use oriel_shared::token::session::TICKET_LIFE_MS;
use oriel_shared::wire::problem::Code;
use worker::{Env, SqlStorage, State};

use super::alarm::Alarm;
use super::archive::Archive;
use super::conversation::Record;
#[cfg(doc)]
use super::d1_sync::D1Sync;
use super::erasure_note::{ErasureNote, Note, Pending};
use super::schema::{self, Tables};
use super::sessions::Sessions;
use super::timeline::Timeline;
use crate::answer::stop::StopReason;
use crate::calls::{self, TeamFeedCall};
use crate::http::problem::Problem;
use crate::objects::log_failure;
use crate::objects::sql::run;
use crate::store::Db;
use crate::store::audit::{DoneBy, NewAuditLine};
use crate::store::visitors::{self, ErasedConversations, Owner};
use crate::{clock, config};

/// Every ticket from before an erasure is void by then, with a margin for clocks that differ.
const NOTE_LIFE_MS: u64 = TICKET_LIFE_MS + 5_000;
/// When D1 does not answer.
const RETRY_MS: u64 = 5_000;
/// Closes the sockets. The client learns the rest when it comes back.
const REASON: &str = "erased";

/// What became of a conversation whose time is over.
#[derive(Debug, PartialEq, Eq)]
pub enum Expiry {
    /// It was erased.
    Erased,
    /// Something was said in it since.
    Active,
}

/// Erases.
pub struct Erasure {
    /// For D1.
    pub env: Env,
    /// The storage as a whole.
    pub state: Rc<State>,
    /// All tables.
    pub sql: SqlStorage,
    /// Whether they are there.
    pub tables: Rc<Tables>,
    /// Comes when there is more to erase.
    pub alarm: Rc<Alarm>,
    /// What is left to erase.
    pub note: Rc<ErasureNote>,
    /// The current conversation, its tabs and its sync.
    pub timeline: Rc<Timeline>,
    /// The others.
    pub archive: Rc<Archive>,
    /// What ends with all of it.
    pub sessions: Rc<Sessions>,
}

impl Erasure {
    /// The visitor wants to be erased. Where nothing is, nothing is left to do.
    pub async fn erase_own(&self, family: &str) -> Result<(), Problem> {
        let Some(record) = self.timeline.conversation.record()? else {
            return Ok(());
        };
        self.sessions.check_live(family)?;
        self.erase(record.owner(), DoneBy::Visitor).await
    }

    /// Everything of the visitor is erased.
    ///
    /// # Errors
    /// `not_found` for another organisation's visitor.
    pub async fn erase(&self, owner: Owner, by: DoneBy) -> Result<(), Problem> {
        let record = self.timeline.conversation.record()?;
        if record.is_some_and(|record| record.org_id != owner.org) {
            return Err(Problem::refused(Code::NotFound));
        }
        let pending = Pending {
            org: owner.org,
            site: owner.site,
            visitor: owner.visitor,
            by,
            line: AuditId::from_random(clock::random()?),
        };
        // In one turn, and so in one write: either all of it is there or the note is.
        let pending = Some(serde_json::to_string(&pending)?);
        let at = clock::now();
        self.note.write(&Note { at, pending })?;
        run(&self.sql, schema::ERASE, vec![])?;
        self.timeline.running.stop_all(StopReason::Dropped);
        self.timeline.conversation.invalidate();
        self.timeline.site.invalidate();
        self.archive.invalidate();
        self.sessions.invalidate();
        self.timeline.broadcast.close_all(REASON);
        // Should this instance end here, the alarm goes on.
        self.wake().await?;
        if let Err(problem) = self.finish().await {
            log_failure("erase", &problem);
        }
        self.wake().await
    }

    /// A conversation's time is over, unless something was said in it since. With the last of them all of the visitor is
    /// erased.
    ///
    /// # Errors
    /// `not_found` for another organisation's visitor.
    pub async fn expire(
        &self,
        owner: Owner,
        id: ConversationId,
        until: UnixMs,
    ) -> Result<Expiry, Problem> {
        let Some(current) = self.timeline.conversation.record()? else {
            self.erase(owner, DoneBy::Edge).await?;
            return Ok(Expiry::Erased);
        };
        if current.org_id != owner.org {
            return Err(Problem::refused(Code::NotFound));
        }
        if current.updated_at.max(self.archive.updated_at()?) < until {
            self.erase(owner, DoneBy::Edge).await?;
            return Ok(Expiry::Erased);
        }
        let is_current = current.id == id;
        let record = match is_current {
            true => Some(current),
            false => self.archive.find(&id)?,
        };
        if record.is_some_and(|record: Record| record.updated_at >= until) {
            return Ok(Expiry::Active);
        }
        // What D1 does not erase now comes up again in the next run, when it is not here any more.
        self.erase_one(&id, is_current)?;
        let _held = self.timeline.sync.hold().await;
        // Before D1, by which it comes up again if this fails.
        let forget = TeamFeedCall::Erase {
            visitor: owner.visitor.clone(),
            conversation: Some(id.clone()),
        };
        calls::team_feed(&self.env, &owner.org, &forget).await?;
        let db = Db::open(&self.env)?;
        visitors::erase(
            &db,
            &owner.org,
            &owner.visitor,
            ErasedConversations::Only(&id),
            None,
        )
        .await?;
        Ok(Expiry::Erased)
    }

    /// Erases one conversation from this object's tables.
    fn erase_one(&self, id: &ConversationId, is_current: bool) -> Result<(), Problem> {
        let conversation = &self.timeline.conversation;
        self.timeline.reviews.erase(id)?;
        if is_current {
            let arrivals = conversation.arrivals()?;
            self.timeline.running.stop_all(StopReason::Dropped);
            conversation.replace(arrivals)?;
            conversation.drop_unsynced()?;
            self.timeline.welcome_all()
        } else {
            self.archive.remove(id)
        }
    }

    /// Does what is left of an erasure: D1 erases, then the storage is emptied.
    pub async fn finish(&self) -> Result<(), Problem> {
        let _held = self.timeline.sync.hold().await;
        let Some(note) = self.note.read()? else {
            return Ok(());
        };
        if let Some(pending) = &note.pending {
            self.erase_in_d1(note.at, serde_json::from_str(pending)?)
                .await?;
            self.note.set_done(note.at)?;
        }
        self.tidy_up().await
    }

    async fn erase_in_d1(&self, at: UnixMs, pending: Pending) -> Result<(), Problem> {
        let target = config::token_key(&self.env)?.audit_name(pending.visitor.as_str());
        let line = NewAuditLine {
            id: pending.line,
            org: &pending.org,
            site: Some(&pending.site),
            at,
            by: &pending.by,
            action: Action::VISITOR_ERASE,
            target: Some(&target),
            n: None,
        };
        // What is over by itself is one line of the trail a run.
        let line = (pending.by != DoneBy::Edge).then_some(&line);
        // What the visitor began since is spared.
        let since = self.timeline.conversation.record()?;
        let which = match &since {
            Some(record) => ErasedConversations::AllBut(&record.id),
            None => ErasedConversations::All,
        };
        let db = Db::open(&self.env)?;
        visitors::erase(&db, &pending.org, &pending.visitor, which, line).await?;
        let forget = TeamFeedCall::Erase {
            visitor: pending.visitor,
            conversation: None,
        };
        calls::team_feed(&self.env, &pending.org, &forget)
            .await
            .map(drop)
    }

    /// Empties the storage, unless the visitor came back. The time of the erasure stays while there may be tickets from
    /// before.
    async fn tidy_up(&self) -> Result<(), Problem> {
        let note = self.note.read()?;
        let Some(note) = note.filter(|note| note.pending.is_none()) else {
            return Ok(());
        };
        let is_needed = clock::now() < note.at.plus(NOTE_LIFE_MS);
        if self.timeline.conversation.record()?.is_some() {
            return match is_needed {
                true => Ok(()),
                false => self.note.remove(),
            };
        }
        // More than deleting rows: not a byte of them stays in the file.
        self.state.storage().delete_all().await?;
        self.tables.on_deleted();
        self.alarm.on_gone();
        if is_needed {
            self.tables.prepare()?;
            self.note.write(&note)?;
        }
        Ok(())
    }

    /// Whether D1 has still to erase something.
    pub fn is_pending(&self) -> Result<bool, Problem> {
        self.note.is_pending()
    }

    /// Makes sure that an alarm ends the note. Whatever is to go to D1 by then goes sooner.
    pub async fn wake(&self) -> Result<(), Problem> {
        if self.alarm.is_set() {
            return Ok(());
        }
        match self.note.read()? {
            Some(note) if note.pending.is_some() => self.alarm.set_far(RETRY_MS).await,
            Some(_) => self.alarm.set_far(NOTE_LIFE_MS).await,
            None => Ok(()),
        }
    }
}
