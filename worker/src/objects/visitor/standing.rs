//! What the site says now: its limits, whether it is suspended, since when its sessions are good. Asked before every
//! frame is heard, through the memory of `visitor/sites.rs`, so that a change is in force within seconds; what was told
//! last holds while the database is away.

use oriel_shared::hours;
use oriel_shared::wire::admin::Limits;
use oriel_shared::wire::problem::Code;
use worker::WebSocket;

use super::log::{self, Conversation};
use super::{Visitor, sessions};
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::calls::{Refusal, Settings};
use crate::visitor::sites;

impl Visitor {
    /// The limits that hold now. Ends the sessions, and closes the sockets, of a site that is suspended or that revoked
    /// them.
    pub(super) async fn limits_now(
        &self,
        conversation: &Conversation,
    ) -> Result<Result<Limits, Refusal>, Problem> {
        let told: Settings = serde_json::from_str(&conversation.settings)?;
        let now = match sites::find(&self.env, told.key.as_str()).await {
            Ok(live) => live.settings(),
            Err(problem) if problem.code == Code::SiteNotFound => {
                self.close_sockets(Code::SiteNotFound.name());
                return Ok(Err(Refusal::SiteNotFound));
            }
            // The database is away, and nobody here has read the site lately.
            Err(_) => told.clone(),
        };
        self.learn(&told, &now)?;
        self.frames.learn(now.limits);
        Ok(Ok(now.limits))
    }

    /// Takes over what the site says now.
    pub(super) fn learn(&self, told: &Settings, now: &Settings) -> Result<(), Problem> {
        if told == now {
            return Ok(());
        }
        let sql = self.sql();
        for family in sessions::end_before(&sql, now.sessions_since)? {
            self.close_sockets_of(&family, Code::SessionExpired.name());
        }
        log::set_settings(&sql, now)
    }

    /// What the site said last.
    pub(super) fn told(&self) -> Result<Option<Settings>, Problem> {
        log::conversation(&self.sql())?
            .map(|conversation| Ok(serde_json::from_str(&conversation.settings)?))
            .transpose()
    }

    /// Whether nobody of the team is there now, by the site's hours.
    pub(super) fn is_away(&self) -> Result<bool, Problem> {
        let hours = self.told()?.map(|told| told.hours).unwrap_or_default();
        if hours.shifts.is_empty() {
            return Ok(false);
        }
        // A zone that the platform forgot: better wrongly there than wrongly away.
        Ok(clock::local(&hours.time_zone)
            .is_some_and(|(day, minute)| !hours::is_staffed(&hours, day, minute)))
    }

    /// Whether the session behind a socket still lives.
    pub(super) fn is_live(&self, socket: &WebSocket) -> Result<bool, Problem> {
        match self.state.get_tags(socket).first() {
            Some(family) => sessions::is_live(&self.sql(), family),
            None => Ok(false),
        }
    }
}
