//! A person is asked for: by the visitor, by a rule of the site, or because the assistant does not know. And the end of the
//! chat, when the visitor needs nobody any more.

use std::rc::Rc;

use oriel_shared::wire::review::{EscalationReason, ReviewSubject};
use oriel_shared::wire::visitor::{Offer, Status};

use super::conversation::{Arrivals, NewMessage};
use super::limits::MessageLimits;
use super::sender::Sender;
use super::site::Snapshot;
use super::timeline::{Timeline, system_message};
use crate::http::problem::Problem;

/// Asks for a person.
pub struct Handover {
    /// Where it happens.
    pub timeline: Rc<Timeline>,
    /// A wish counts as a message.
    pub limits: Rc<MessageLimits>,
}

impl Handover {
    /// The visitor wants a person. It counts as something that they say: it makes work for others.
    pub async fn on_escalate(&self, sender: &Sender<'_>, site: &Snapshot) -> Result<(), Problem> {
        let status = self.timeline.conversation.status()?;
        if matches!(status, Some(Status::Waiting | Status::Agent)) {
            return Ok(());
        }
        match self.limits.admit(sender, &site.owned.site.limits, None)? {
            None => Ok(()),
            arrivals => self.escalate(EscalationReason::Visitor, arrivals).await,
        }
    }

    /// A person is asked for. Asking twice changes nothing.
    pub async fn escalate(
        &self,
        because: EscalationReason,
        arrivals: Option<Arrivals>,
    ) -> Result<(), Problem> {
        let timeline = &self.timeline;
        let Some(record) = timeline.conversation.record()? else {
            return Ok(());
        };
        if matches!(record.status, Status::Waiting | Status::Agent) {
            return Ok(());
        }
        let matter = ReviewSubject::Escalation { because };
        timeline.reviews.raise(&matter, record.seq)?;
        timeline.change_status(Status::Waiting)?;
        let sentences = timeline.conversation.sentences()?;
        let message = if timeline.site.is_team_away()? {
            system_message(sentences.nobody_available, Some(Offer::Message))?
        } else {
            system_message(sentences.person_called, None)?
        };
        let message = NewMessage {
            arrivals,
            ..message
        };
        timeline.post(message).await.map(drop)
    }

    /// The visitor ends the chat.
    pub async fn on_end(&self) -> Result<(), Problem> {
        let timeline = &self.timeline;
        if !timeline.change_status(Status::Closed)? {
            return Ok(());
        }
        timeline.silence_assistant()?;
        let ended = timeline.conversation.sentences()?.ended_by_visitor;
        timeline.post(system_message(ended, None)?).await.map(drop)
    }
}
