//! The site's settings, as this object goes by them: its limits, how it answers, when its team is there, whether it is
//! suspended, since when its sessions are good.
//!
//! Keeps true: an event reads them once, through the cache of `crate::sites`, and passes them along, so that one answer is
//! made by one snapshot and a change is in force within seconds. What was read last is stored in the conversation's row
//! and holds while D1 does not answer.

use std::cell::RefCell;
use std::rc::Rc;

use oriel_shared::hours;
use oriel_shared::wire::problem::Code;
use worker::Env;

use super::broadcast::Broadcast;
use super::conversation::Conversation;
use super::limits::FrameLimits;
use super::sessions::Sessions;
use crate::http::problem::Problem;
use crate::store::sites::OwnedSite;
use crate::{clock, sites};

/// The site, as one event knows it.
#[derive(Clone)]
pub struct Snapshot {
    /// The site and its owner.
    pub owned: Rc<OwnedSite>,
    /// Whether it is what D1 says; otherwise D1 does not answer, and it is what was stored last.
    pub is_live: bool,
}

/// The site's settings.
pub struct SiteSettings {
    env: Env,
    users: SettingsUsers,
    latest: RefCell<Option<Rc<OwnedSite>>>,
}

/// What goes by the settings and ends or changes with them.
pub struct SettingsUsers {
    /// Where they are stored.
    pub conversation: Rc<Conversation>,
    /// End when they are revoked.
    pub sessions: Rc<Sessions>,
    /// Is closed when the site is suspended.
    pub broadcast: Rc<Broadcast>,
    /// Follow the site's limits.
    pub frame_limits: Rc<FrameLimits>,
}

impl SiteSettings {
    /// Nothing is known of them yet.
    pub fn new(env: Env, users: SettingsUsers) -> Self {
        Self {
            env,
            users,
            latest: RefCell::default(),
        }
    }

    /// The settings that are in force now. Ends the sessions, and closes the sockets, of a site that is suspended or that
    /// revoked them.
    ///
    /// # Errors
    /// `site_not_found` for a suspended site, after its sockets were closed.
    pub async fn current(&self) -> Result<Snapshot, Problem> {
        match sites::find(&self.env, &self.key()?).await {
            Ok(live) => {
                self.adopt(&live.owned)?;
                Ok(Snapshot {
                    owned: Rc::clone(&live.owned),
                    is_live: true,
                })
            }
            Err(problem) if problem.code == Code::SiteNotFound => {
                self.users.broadcast.close_all(Code::SiteNotFound.name());
                Err(problem)
            }
            // D1 does not answer, and nobody here has read the site lately.
            Err(problem) => self.stored_or(problem),
        }
    }

    /// The settings for an answer that nobody who was admitted just now asks for: an alarm or a job has it made.
    pub async fn for_pending_answer(&self) -> Result<Snapshot, Problem> {
        match sites::find(&self.env, &self.key()?).await {
            Ok(live) => Ok(Snapshot {
                owned: Rc::clone(&live.owned),
                is_live: true,
            }),
            Err(problem) => self.stored_or(problem),
        }
    }

    fn stored_or(&self, problem: Problem) -> Result<Snapshot, Problem> {
        let owned = self.latest()?.ok_or(problem)?;
        Ok(Snapshot {
            owned,
            is_live: false,
        })
    }

    /// Closes the sockets and streams whose sessions have ended, or whose site is suspended, before the team writes
    /// something: whoever only listens sends no frame by which it would be found out.
    pub async fn close_ended(&self) -> Result<(), Problem> {
        if self.users.conversation.status()?.is_none() {
            return Ok(());
        }
        match self.current().await {
            Err(problem) if problem.code != Code::SiteNotFound => Err(problem),
            _ => Ok(()),
        }
    }

    /// Takes over the settings as somebody has read them just now.
    pub fn adopt(&self, owned: &Rc<OwnedSite>) -> Result<(), Problem> {
        let known = self.latest()?;
        // Mostly it is the very same.
        if known.as_ref().is_some_and(|known| Rc::ptr_eq(known, owned)) {
            return Ok(());
        }
        if known.is_none_or(|known| known != *owned) {
            for family in self.users.sessions.end_before(owned.sessions_since)? {
                self.users
                    .broadcast
                    .close_session(&family, Code::SessionExpired.name());
            }
            self.users.conversation.site.write(owned)?;
        }
        self.remember(owned);
        Ok(())
    }

    /// Takes over the settings that were stored just now, with the conversation.
    pub fn remember(&self, owned: &Rc<OwnedSite>) {
        self.users.frame_limits.set(owned.site.limits);
        self.latest.replace(Some(Rc::clone(owned)));
    }

    /// What was read last.
    fn latest(&self) -> Result<Option<Rc<OwnedSite>>, Problem> {
        if let Some(latest) = &*self.latest.borrow() {
            return Ok(Some(Rc::clone(latest)));
        }
        let stored = self.users.conversation.site.read()?.map(Rc::new);
        if let Some(owned) = &stored {
            self.remember(owned);
        }
        Ok(stored)
    }

    /// The site's public key.
    fn key(&self) -> Result<String, Problem> {
        if let Some(latest) = &*self.latest.borrow() {
            return Ok(latest.site.key.clone());
        }
        let none = || Problem::ours("site", &"settings without a conversation");
        self.users.conversation.site.key()?.ok_or_else(none)
    }

    /// Whether nobody of the team is there now, by the site's hours.
    pub fn is_team_away(&self) -> Result<bool, Problem> {
        let Some(owned) = self.latest()? else {
            return Ok(false);
        };
        let hours = &owned.site.hours;
        if hours.shifts.is_empty() {
            return Ok(false);
        }
        // A zone that the platform does not know any more: better wrongly there than wrongly away.
        Ok(clock::local(&hours.time_zone)
            .is_some_and(|(day, minute)| !hours::is_staffed(hours, day, minute)))
    }

    /// What is cached is true no longer.
    pub fn invalidate(&self) {
        self.latest.take();
    }
}
