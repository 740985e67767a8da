//! A lead: how a visitor can be reached, for the team's queue.

use std::fmt::Display;
use std::rc::Rc;

use oriel_shared::i18n::filled;
use oriel_shared::text::{chat, email, name, phone};
use oriel_shared::wire::visitor::Lead;

use super::conversation::NewMessage;
use super::limits::MessageLimits;
use super::sender::Sender;
use super::site::Snapshot;
use super::timeline::{Timeline, system_message};
use crate::http::problem::Problem;

/// Takes leads.
pub struct Leads {
    /// Where the visitor is thanked.
    pub timeline: Rc<Timeline>,
    /// A lead counts as a message.
    pub limits: Rc<MessageLimits>,
}

impl Leads {
    /// The visitor says how to be reached.
    pub async fn on_lead(
        &self,
        sender: &Sender<'_>,
        site: &Snapshot,
        lead: Lead,
    ) -> Result<(), Problem> {
        let timeline = &self.timeline;
        let lead = match checked(lead) {
            Ok(lead) => lead,
            Err(problem) => {
                timeline.broadcast.refuse(sender, problem, None);
                return Ok(());
            }
        };
        let Some(record) = timeline.conversation.record()? else {
            return Ok(());
        };
        let limits = &site.owned.site.limits;
        let Some(arrivals) = self.limits.admit(sender, limits, None)? else {
            return Ok(());
        };
        let whom = lead.email.clone().or_else(|| lead.phone.clone());
        if !timeline.reviews.raise_lead(lead, record.seq)? {
            return Ok(());
        }
        let sentences = timeline.conversation.sentences()?;
        let thanks = whom.map_or_else(
            || sentences.lead_saved.to_owned(),
            |whom| filled(sentences.lead_saved_for, &[("whom", &whom)]),
        );
        let message = NewMessage {
            arrivals: Some(arrivals),
            ..system_message(&thanks, None)?
        };
        timeline.post(message).await.map(drop)
    }
}

/// A lead in its normal form.
fn checked(lead: Lead) -> Result<Lead, Problem> {
    if lead == Lead::default() {
        return Err(Problem::field("email", &"or something else is needed"));
    }
    let Lead {
        name,
        email,
        phone,
        message,
    } = lead;
    Ok(Lead {
        name: optional("name", name, name::name)?,
        email: optional("email", email, email::email)?,
        phone: optional("phone", phone, phone::phone)?,
        message: optional("message", message, chat::message)?,
    })
}

fn optional<E: Display>(
    field: &str,
    text: Option<String>,
    check: fn(&str) -> Result<String, E>,
) -> Result<Option<String>, Problem> {
    text.map(|text| check(&text).map_err(|error| Problem::field(field, &error)))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_says_something_and_all_of_it_is_good() {
        let email = |email: &str| Lead {
            email: Some(email.to_owned()),
            ..Lead::default()
        };
        let good = checked(email(" ann@shop.example ")).expect("an address");
        assert_eq!(good.email.as_deref(), Some("ann@shop.example"));
        for bad in [Lead::default(), email("nobody")] {
            let problem = checked(bad).expect_err("nothing to reach anybody by");
            assert!(problem.detail.starts_with("`email`"), "{}", problem.detail);
        }
    }
}
