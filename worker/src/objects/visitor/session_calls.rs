//! Tickets are spent here; sessions begin, are renewed and end.

use std::rc::Rc;

use oriel_shared::id::SiteKey;
use oriel_shared::token::session::Ticket;
use oriel_shared::wire::problem::Code;

use super::broadcast::Broadcast;
use super::conversation::{Begun, Conversation};
use super::erasure_note::ErasureNote;
use super::sessions::Sessions;
use super::site::SiteSettings;
use crate::calls::LiveSession;
use crate::http::problem::Problem;
use crate::store::sites::OwnedSite;

/// A session that shows its refresh token.
pub struct Renewal<'r> {
    /// The session.
    pub family: &'r str,
    /// The generation of the token.
    pub generation: u32,
    /// The site's settings; `None` while D1 does not answer.
    pub site: Option<OwnedSite>,
    /// The language that the visitor reads the chat in now, where the client says.
    pub language: Option<&'r str>,
}

/// Begins, renews and ends sessions.
pub struct SessionCalls {
    /// Where they are stored.
    pub sessions: Rc<Sessions>,
    /// What they are about.
    pub conversation: Rc<Conversation>,
    /// Comes along with them.
    pub site: Rc<SiteSettings>,
    /// When tickets of before were all spent.
    pub erasure_note: Rc<ErasureNote>,
    /// Ends with them.
    pub broadcast: Rc<Broadcast>,
}

impl SessionCalls {
    /// Spends a ticket and begins a session, which has the ticket's name: a second one of that name cannot begin. The
    /// visitor's first ticket makes the conversation.
    ///
    /// # Errors
    /// `ticket_used`.
    pub fn open(
        &self,
        ticket: &Ticket,
        site: OwnedSite,
        language: &str,
    ) -> Result<LiveSession, Problem> {
        // What was erased took the names of spent tickets with it; those from before are all spent.
        let erased_at = self.erasure_note.erased_at()?;
        if erased_at.is_some_and(|at| ticket.issued_at <= at) {
            return Err(Problem::refused(Code::TicketUsed));
        }
        let family = format!("fam_{}", ticket.jti);
        if !self.sessions.begin(&family)? {
            return Err(Problem::refused(Code::TicketUsed));
        }
        let (json, site) = (serde_json::to_string(&site)?, Rc::new(site));
        let begun = self.conversation.begin(ticket, &json, language)?;
        if begun.site == json {
            self.site.remember(&site);
        } else {
            self.site.adopt(&site)?;
        }
        Ok(live(begun, family, 1))
    }

    /// Renews a session.
    ///
    /// # Errors
    /// `session_expired`; `session_reused`, after which no session lives and no socket is open.
    pub fn refresh(&self, renewal: Renewal<'_>) -> Result<LiveSession, Problem> {
        let Renewal {
            family,
            generation,
            site,
            language,
        } = renewal;
        self.sessions.invalidate();
        if let Some(site) = site
            && self.conversation.status()?.is_some()
        {
            self.site.adopt(&Rc::new(site))?;
        }
        let renewed = self.sessions.renew(family, generation);
        let generation = renewed.inspect_err(|problem| {
            if problem.code == Code::SessionReused {
                self.broadcast.close_all(Code::SessionReused.name());
            }
        })?;
        if let Some(language) = language {
            self.conversation.set_language(language)?;
        }
        let begun = self.conversation.begun()?;
        Ok(live(begun, family.to_owned(), generation))
    }

    /// Ends a session.
    pub fn end(&self, family: &str) -> Result<(), Problem> {
        self.sessions.end(family)?;
        self.broadcast
            .close_session(family, Code::SessionExpired.name());
        Ok(())
    }
}

fn live(begun: Begun, family: String, generation: u32) -> LiveSession {
    LiveSession {
        site: begun.site_id,
        key: SiteKey(begun.site_key),
        visitor: begun.visitor_id,
        family,
        generation,
        conversation: begun.id,
    }
}
