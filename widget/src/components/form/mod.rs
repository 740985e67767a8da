//! Forms: the message that a visitor leaves while nobody of the team is there, and what a site asks before the first
//! message. Both are sent as a lead.

mod fields;
mod lead;
mod prechat;

pub use self::{
    lead::{focus_lead, lead},
    prechat::{focus_prechat, prechat},
};
