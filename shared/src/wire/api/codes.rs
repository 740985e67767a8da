//! The error codes that an endpoint may answer, which follow from its declaration.

use super::FILES;
use super::endpoint::{Caller, Endpoint};
use crate::wire::problem::Code;

/// What a host page may be refused for, before its call is looked at.
pub(super) const HOST_PAGE_PROBLEMS: [Code; 2] = [Code::OriginNotAllowed, Code::SiteNotFound];

/// What any call may be refused for.
pub(super) const ANY_PROBLEMS: [Code; 3] = [Code::InvalidQuery, Code::Internal, Code::Unavailable];

impl Endpoint {
    /// Every code that it may answer: its own, and those that follow from the rest of its declaration.
    pub(super) fn codes(&self) -> Vec<Code> {
        let is_file = FILES.iter().any(|file| file.name == self.name);
        if is_file {
            return Vec::new();
        }
        let mut codes: Vec<Code> = match self.caller {
            Caller::HostPage => HOST_PAGE_PROBLEMS.into(),
            Caller::Visitor => vec![
                Code::OriginNotAllowed,
                Code::TokenInvalid,
                Code::TokenExpired,
                Code::SessionExpired,
            ],
            Caller::Frame => vec![Code::OriginNotAllowed],
            Caller::Anybody | Caller::Team => Vec::new(),
        };
        codes.extend(self.description.problems);
        if matches!(self.caller, Caller::Visitor | Caller::Team) {
            codes.push(Code::Unauthorized);
        }
        if self.is_organisation_wide {
            codes.push(Code::Forbidden);
        }
        if self.caller == Caller::Team && self.path.parameters().next().is_some() {
            codes.push(Code::NotFound);
        }
        if self.address_limit.is_some() {
            codes.push(Code::RateLimited);
        }
        if self.body.is_some() {
            codes.extend([
                Code::InvalidBody,
                Code::BodyTooLarge,
                Code::UnsupportedMediaType,
            ]);
        }
        codes.extend(ANY_PROBLEMS);
        codes
    }
}
