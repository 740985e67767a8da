//! Security events: the closed list of what is logged about who did what, and with which outcome.
//!
//! Keeps true: an event cannot hold content. Its fields are enums, identifiers of ours, an [`Address`] that prints cut
//! short, and a [`Reason`] that is part of the program's own text. Written as one JSON line each, with `"event":
//! "security"`, so that a log can be searched for them.

use serde::Serialize;

use crate::address::Address;
use crate::id::{ApiKeyId, ConnectionId, RequestId, Rfc3339, SiteId, VisitorId};
use crate::wire::problem::Code;

/// One line of the security log.
#[derive(Debug, Serialize)]
pub struct Event<'e> {
    /// When, UTC.
    pub at: Rfc3339,
    /// What was tried.
    pub action: Action,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Who tried, as far as it was proven.
    pub actor: &'e Actor,
    /// From where, cut short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The request that it belongs to; a socket's frames belong to the request that opened it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'e RequestId>,
}

impl Event<'_> {
    /// As a line of the log.
    pub fn line(&self) -> String {
        #[derive(Serialize)]
        struct Line<'e> {
            event: &'static str,
            #[serde(flatten)]
            event_itself: &'e Event<'e>,
        }
        serde_json::to_string(&Line {
            event: "security",
            event_itself: self,
        })
        .unwrap_or_default()
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Allowed,
    /// It was not.
    Refused,
}

/// Who, as far as it was proven: a key or token that did not verify proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Nobody that we know.
    #[default]
    Anybody,
    /// A page or frame of this site.
    Site(SiteId),
    /// A visitor.
    Visitor(VisitorId),
    /// A program of the team.
    ApiKey(ApiKeyId),
    /// The edge itself, on behalf of a connection.
    Connection(ConnectionId),
    /// Whoever has a link that this key made.
    Link(ApiKeyId),
}

/// A reason code: a name out of the program's own text, which nothing that somebody sent can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Reason(pub &'static str);

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self(code.name())
    }
}

/// What was tried, by its name in the log: a resource and a verb. docs/security-log.md explains each.
///
/// The actions of endpoints are named where the endpoints are declared (`wire::api`). Here are those that more than a
/// declaration names, and what the edge does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Action(pub &'static str);

impl Action {
    /// Somebody reads through the management API.
    pub const MANAGEMENT_READ: Self = Self("management.read");
    /// A frame came over a socket, or as a request in its place.
    pub const SOCKET_FRAME: Self = Self("socket.frame");
    /// A spent refresh cookie was shown again; every session of the visitor was ended.
    pub const SESSION_THEFT: Self = Self("session.theft");
    /// Everything of a visitor is erased.
    pub const VISITOR_ERASE: Self = Self("visitor.erase");
    /// A transcript is fetched by a link.
    pub const TRANSCRIPT_DOWNLOAD: Self = Self("transcript.download");
    /// A model's answer is not said.
    pub const ANSWER_WITHHOLD: Self = Self("answer.withhold");
    /// Conversations whose time is over are erased.
    pub const RETENTION_RUN: Self = Self("retention.run");
    /// An organisation is gone; its audit trail follows when its time is over.
    pub const ORGANISATION_END: Self = Self("organisation.end");
    /// The edge calls a foreign host.
    pub const EGRESS_CALL: Self = Self("egress.call");

    /// What no endpoint is declared with.
    #[cfg(test)]
    pub(crate) const OF_THE_EDGE: [Self; 5] = [
        Self::SESSION_THEFT,
        Self::ANSWER_WITHHOLD,
        Self::RETENTION_RUN,
        Self::ORGANISATION_END,
        Self::EGRESS_CALL,
    ];

    /// The name in the log.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UnixMs;

    #[test]
    fn an_event_is_one_line_with_every_field_of_the_log() {
        let request_id = RequestId::from_random([7; 16]);
        let actor = Actor::Visitor(VisitorId::from_random([1; 16]));
        let event = Event {
            at: UnixMs(0).rfc3339(),
            action: Action::SESSION_THEFT,
            outcome: Outcome::Refused,
            reason: Some(Code::SessionReused.into()),
            actor: &actor,
            address: Address::parse("198.51.100.7"),
            request_id: Some(&request_id),
        };
        assert_eq!(
            event.line(),
            "{\"event\":\"security\",\"at\":\"1970-01-01T00:00:00.000Z\",\"action\":\"session.theft\",\
             \"outcome\":\"refused\",\"reason\":\"session_reused\",\
             \"actor\":{\"visitor\":\"vis_AQEBAQEBAQEBAQEBAQEBAQ\"},\"address\":\"198.51.100.0/24\",\
             \"request_id\":\"req_BwcHBwcHBwcHBwcHBwcHBw\"}"
        );
    }
}
