//! Erasure: the object forgets at once, then D1 does; what cannot be done now is done by the alarm.
//!
//! Keeps true: when it has begun, nothing of the visitor is in this object's tables but a note that says what D1 has
//! still to forget; the note ends with the erasure. Rows that are on their way to D1 get there before they are deleted
//! ([`Visitor::to_d1`]), so that no batch brings them back. Tickets of before stay spent: the time of the erasure is kept
//! until the last of them is void, and then the storage is empty as a whole.

use oriel_shared::event::Action;
use oriel_shared::id::{AuditId, ConversationId, OrgId, SiteId, UnixMs, VisitorId};
use oriel_shared::token::session::TICKET_LIFE_MS;
use oriel_shared::wire::problem::Code;
use serde::{Deserialize, Serialize};
use worker::SqlStorage;

use super::{Visitor, archive, messages, reviews, schema, sessions};
use crate::answer::model::End;
use crate::calls::{self, TeamFeedCall, VisitorReply};
use crate::http::problem::Problem;
use crate::objects::note;
use crate::objects::sql::{int, rows, run};
use crate::store::Db;
use crate::store::audit::{By, NewLine};
use crate::store::visitors::{self, Owner};
use crate::{clock, config};

/// Every ticket of before an erasure is void by then, with a margin for clocks that differ.
const NOTE_LIFE_MS: u64 = TICKET_LIFE_MS + 5_000;
/// When D1 does not answer.
const RETRY_MS: u64 = 5_000;
/// Closes the sockets. The client learns the rest when it comes back.
const REASON: &str = "erased";

/// When the last erasure was, and what is still to be done of it.
#[derive(Deserialize)]
struct Note {
    at: UnixMs,
    /// [`Pending`] as JSON, until D1 has forgotten too.
    pending: Option<String>,
}

/// What D1 has still to forget, and the line of the audit trail that goes with it.
#[derive(Serialize, Deserialize)]
struct Pending {
    org: OrgId,
    site: SiteId,
    visitor: VisitorId,
    by: By,
    line: AuditId,
}

/// When everything of before was erased, while there may still be tickets of before.
pub fn erased_at(sql: &SqlStorage) -> Result<Option<UnixMs>, Problem> {
    Ok(read(sql)?.map(|note| note.at))
}

/// Whether D1 has still to forget something.
pub fn is_pending(sql: &SqlStorage) -> Result<bool, Problem> {
    Ok(read(sql)?.is_some_and(|note| note.pending.is_some()))
}

fn read(sql: &SqlStorage) -> Result<Option<Note>, Problem> {
    let notes: Vec<Note> = rows(sql, "SELECT at, pending FROM erasure", vec![])?;
    Ok(notes.into_iter().next())
}

fn write(sql: &SqlStorage, note: &Note) -> Result<(), Problem> {
    run(
        sql,
        "INSERT INTO erasure (only, at, pending) VALUES (1, ?1, ?2)
         ON CONFLICT (only) DO UPDATE SET at = ?1, pending = ?2",
        vec![int(note.at.0), note.pending.clone().into()],
    )
}

impl Visitor {
    /// The visitor wants to be forgotten. Where nothing is, nothing is left to do.
    pub(super) async fn erase_own(&self, family: &str) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        let Some(conversation) = messages::conversation(sql)? else {
            return Ok(VisitorReply::Done);
        };
        if !sessions::is_live(sql, family)? {
            return Err(Problem::refused(Code::SessionExpired));
        }
        let owner = Owner {
            org: conversation.org_id,
            site: conversation.site_id,
            visitor: conversation.visitor_id,
        };
        self.erase(owner, By::Visitor).await
    }

    /// The team wants the visitor forgotten.
    pub(super) async fn erase(&self, owner: Owner, by: By) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        if messages::conversation(sql)?.is_some_and(|its| its.org_id != owner.org) {
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
        write(sql, &Note { at, pending })?;
        run(sql, schema::FORGET, vec![])?;
        self.end_answers(End::Dropped);
        self.cache.forget();
        self.told.take();
        self.close_all(REASON);
        // Should this instance end here, the alarm goes on.
        self.wake_for_erasure().await?;
        if let Err(problem) = self.finish_erasure().await {
            note("erase", &problem);
        }
        self.wake_for_erasure().await?;
        Ok(VisitorReply::Done)
    }

    /// A conversation's time is over, unless something was said in it since. With the last of them all of the visitor is
    /// erased.
    pub(super) async fn expire(
        &self,
        owner: Owner,
        id: ConversationId,
        until: UnixMs,
    ) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        let Some(current) = messages::conversation(sql)? else {
            return self.erase(owner, By::Edge).await;
        };
        if current.org_id != owner.org {
            return Err(Problem::refused(Code::NotFound));
        }
        if current.updated_at.max(archive::updated_at(sql)?) < until {
            return self.erase(owner, By::Edge).await;
        }
        let is_current = current.id == id;
        let its = match is_current {
            true => Some(current),
            false => archive::find(sql, &id)?,
        };
        if its.is_some_and(|its| its.updated_at >= until) {
            return Ok(VisitorReply::Active);
        }
        // What D1 does not forget now comes up again in the next run, when it is not here any more.
        reviews::forget(sql, &id)?;
        if is_current {
            let arrivals = messages::arrivals(sql)?;
            self.end_answers(End::Dropped);
            run(sql, "DELETE FROM moves", vec![])?;
            self.cache.forget_conversation();
            archive::begin(sql, arrivals)?;
            messages::forget_context(sql)?;
            self.welcome_all()?;
        } else {
            archive::drop(sql, &id)?;
            self.cache.forget_conversation();
        }
        let _turn = self.to_d1.take().await;
        // Before D1, by which it comes up again if this fails.
        let forget = TeamFeedCall::Forget {
            visitor: owner.visitor.clone(),
            conversation: Some(id.clone()),
        };
        calls::team_feed(&self.env, &owner.org, &forget).await?;
        let db = Db::open(&self.env)?;
        visitors::erase(
            &db,
            &owner.org,
            &owner.visitor,
            visitors::Which::Only(&id),
            None,
        )
        .await?;
        Ok(VisitorReply::Done)
    }

    /// Does what is left of an erasure: D1 forgets, then the storage is emptied.
    pub(super) async fn finish_erasure(&self) -> Result<(), Problem> {
        let _turn = self.to_d1.take().await;
        let sql = self.sql();
        let Some(found) = read(sql)? else {
            return Ok(());
        };
        if let Some(pending) = &found.pending {
            let pending: Pending = serde_json::from_str(pending)?;
            let target = config::token_key(&self.env)?.audit_name(pending.visitor.as_str());
            let line = NewLine {
                id: pending.line,
                org: &pending.org,
                site: Some(&pending.site),
                at: found.at,
                by: &pending.by,
                action: Action::VisitorErase,
                target: Some(&target),
                n: None,
            };
            // What is over by itself is told in one line a run.
            let line = (pending.by != By::Edge).then_some(&line);
            let since = messages::conversation(sql)?.map(|conversation| conversation.id);
            let db = Db::open(&self.env)?;
            let which = since
                .as_ref()
                .map_or(visitors::Which::All, visitors::Which::AllBut);
            visitors::erase(&db, &pending.org, &pending.visitor, which, line).await?;
            let forget = TeamFeedCall::Forget {
                visitor: pending.visitor,
                conversation: None,
            };
            calls::team_feed(&self.env, &pending.org, &forget).await?;
            // Another erasure may have begun meanwhile.
            run(
                sql,
                "UPDATE erasure SET pending = NULL WHERE at = ?",
                vec![int(found.at.0)],
            )?;
        }
        self.tidy_up().await
    }

    /// Empties the storage, unless the visitor came back. The time of the erasure stays while there may be tickets of
    /// before.
    async fn tidy_up(&self) -> Result<(), Problem> {
        let sql = self.sql();
        let Some(note) = read(sql)?.filter(|note| note.pending.is_none()) else {
            return Ok(());
        };
        let is_needed = clock::now() < note.at.plus(NOTE_LIFE_MS);
        if messages::conversation(sql)?.is_some() {
            return match is_needed {
                true => Ok(()),
                false => run(sql, "DELETE FROM erasure", vec![]),
            };
        }
        // More than deleting rows: not a byte of them stays in the file.
        self.state.storage().delete_all().await?;
        self.has_tables.set(false);
        self.is_alarm_set.set(false);
        if is_needed {
            self.prepare()?;
            write(sql, &note)?;
        }
        Ok(())
    }

    /// Makes sure that an alarm ends the note. Not known as one that is set: what is said by then is kept sooner.
    pub(super) async fn wake_for_erasure(&self) -> Result<(), Problem> {
        if self.is_alarm_set.get() {
            return Ok(());
        }
        if let Some(note) = read(self.sql())? {
            let wait_ms = match note.pending {
                Some(_) => RETRY_MS,
                None => NOTE_LIFE_MS,
            };
            self.set_alarm(wait_ms).await?;
            self.is_alarm_set.set(false);
        }
        Ok(())
    }
}
