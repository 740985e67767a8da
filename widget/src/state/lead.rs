//! The forms: what the visitor leaves for the team while nobody is there, and what the site asks before the first
//! message (the prechat form). Both are sent as a lead, which is kept until the edge has it.

use std::sync::Arc;

use oriel_shared::wire::visitor::{ClientFrame, Lead};

/// How far the lead has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadState {
    /// There is none on its way.
    Idle,
    /// On its way, or waiting for the connection.
    Sending,
    /// The edge refused it.
    Refused,
}

/// Both forms.
#[derive(Clone, Debug, Default)]
pub struct LeadForms {
    /// Kept until the edge has it.
    lead: Option<Arc<Lead>>,
    is_refused: bool,
    /// Whether the site asks something before the first message.
    pub(super) has_prechat: bool,
    is_prechat_done: bool,
    /// Whether the visitor is filling in the form for a message to the team.
    pub is_open: bool,
}

impl LeadForms {
    /// Empty ones.
    pub fn new(has_prechat: bool) -> Self {
        Self {
            has_prechat,
            ..Self::default()
        }
    }

    /// Sends a lead.
    pub fn send(&mut self, lead: Lead) -> ClientFrame {
        self.is_refused = false;
        self.lead = Some(Arc::new(lead.clone()));
        ClientFrame::Lead(lead)
    }

    /// The visitor has filled in the prechat form. An empty one is not sent.
    pub fn submit_prechat(&mut self, lead: Lead) -> Option<ClientFrame> {
        self.is_prechat_done = true;
        (lead != Lead::default()).then(|| self.send(lead))
    }

    /// How far the lead has come.
    pub const fn state(&self) -> LeadState {
        match self.lead {
            Some(_) => LeadState::Sending,
            None if self.is_refused => LeadState::Refused,
            None => LeadState::Idle,
        }
    }

    /// Whether the prechat form has to be filled in before the first message.
    pub(super) const fn is_prechat_due(&self) -> bool {
        self.has_prechat && !self.is_prechat_done
    }

    /// The edge has stored something of its own, which acknowledges a lead.
    pub(super) fn acknowledge(&mut self) {
        if self.lead.take().is_some() {
            self.is_open = false;
        }
    }

    /// The edge refused something that was no message.
    pub(super) fn refuse(&mut self) {
        if self.lead.take().is_some() {
            self.is_refused = true;
            self.is_prechat_done = false;
        }
    }

    pub(super) fn send_unacknowledged(&self, frames: &mut Vec<ClientFrame>) {
        if let Some(lead) = &self.lead {
            frames.push(ClientFrame::Lead(Lead::clone(lead)));
        }
    }
}
