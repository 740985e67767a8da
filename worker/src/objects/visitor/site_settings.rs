//! What the site says now: its limits, how it answers, when its team is there, whether it is suspended, since when its
//! sessions are good. Asked before every frame is heard and before the team says something, through the memory of `visitor/sites.rs`, so that a change is in
//! force within seconds; what was told last holds while the database is away.

use std::rc::Rc;

use oriel_shared::hours;
use oriel_shared::wire::problem::Code;

use super::{Visitor, messages, sessions};
use crate::calls::Settings;
use crate::clock;
use crate::http::problem::Problem;
use crate::sites;

impl Visitor {
    /// What the site says now. Ends the sessions, and closes the sockets, of a site that is suspended or that revoked
    /// them.
    pub(super) async fn site_now(&self) -> Result<Rc<Settings>, Problem> {
        let told = self.told()?;
        let now = match sites::find(&self.env, told.key.as_str()).await {
            Ok(live) => live.settings.clone(),
            Err(problem) if problem.code == Code::SiteNotFound => {
                self.close_all(Code::SiteNotFound.name());
                return Err(problem);
            }
            // The database is away, and nobody here has read the site lately.
            Err(_) => told,
        };
        self.learn(&now)?;
        Ok(now)
    }

    /// Closes the sockets and streams whose sessions have ended, or whose site is suspended, before the team says something:
    /// whoever only listens sends no frame by which it would be found out.
    pub(super) async fn close_ended(&self) -> Result<(), Problem> {
        if self.cache.status(self.sql())?.is_some() {
            match self.site_now().await {
                Err(problem) if problem.code == Code::SiteNotFound => {}
                outcome => drop(outcome?),
            }
        }
        Ok(())
    }

    /// Takes over what the site says now.
    pub(super) fn learn(&self, now: &Rc<Settings>) -> Result<(), Problem> {
        let told = self.told()?;
        // Mostly it is the very same.
        if Rc::ptr_eq(&told, now) {
            return Ok(());
        }
        if *told != **now {
            let sql = self.sql();
            self.cache.forget_sessions();
            for family in sessions::end_before(sql, now.sessions_since)? {
                self.close_session(&family, Code::SessionExpired.name());
            }
            messages::set_settings(sql, now)?;
        }
        self.frames.learn(now.limits);
        self.told.replace(Some(now.clone()));
        Ok(())
    }

    /// What the site said last.
    pub(super) fn told(&self) -> Result<Rc<Settings>, Problem> {
        if let Some(told) = &*self.told.borrow() {
            return Ok(told.clone());
        }
        let told = messages::settings(self.sql())?.map(Rc::new);
        let told = told.ok_or_else(|| Problem::ours("log", &"settings without a conversation"))?;
        self.told.replace(Some(told.clone()));
        Ok(told)
    }

    /// Whether nobody of the team is there now, by the site's hours.
    pub(super) fn is_away(&self) -> Result<bool, Problem> {
        let hours = &self.told()?.hours;
        if hours.shifts.is_empty() {
            return Ok(false);
        }
        // A zone that the platform forgot: better wrongly there than wrongly away.
        Ok(clock::local(&hours.time_zone)
            .is_some_and(|(day, minute)| !hours::is_staffed(hours, day, minute)))
    }
}
