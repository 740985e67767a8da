//! Security events: the closed list of what is logged about who did what, and with which outcome.
//!
//! Keeps true: an event cannot hold content. Its fields are enums, identifiers of ours, an [`Address`] that prints cut
//! short, and a [`Reason`] that is part of the program's own text. Written as one JSON line each, with `"event":
//! "security"`, so that a log can be searched for them.

use serde::{Serialize, Serializer};

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

/// Writes [`Action`] with its name in the log in one place.
macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// What was tried. The closed list; docs/security-log.md explains each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            /// Every action, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the log.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

actions! {
    /// A page asks for the frame document.
    FrameShow = "frame.show";
    /// A page asks for a ticket.
    TicketIssue = "ticket.issue";
    /// A frame trades a ticket for a session.
    SessionOpen = "session.open";
    /// A frame renews its session.
    SessionRefresh = "session.refresh";
    /// A visitor logs out.
    SessionEnd = "session.end";
    /// A spent refresh cookie was shown again; every session of the visitor was ended.
    SessionTheft = "session.theft";
    /// A frame opens a socket.
    SocketOpen = "socket.open";
    /// A frame came over a socket.
    SocketFrame = "socket.frame";
    /// Somebody reads through the management API.
    ManagementRead = "management.read";
    /// A site is made.
    SiteCreate = "site.create";
    /// A site's settings change, who may embed it and its suspension included.
    SiteChange = "site.change";
    /// Every session of a site is ended.
    SessionsRevoke = "sessions.revoke";
    /// A key that signs visitor tokens is made.
    SigningKeyCreate = "signing_key.create";
    /// A key that signs visitor tokens is revoked.
    SigningKeyRevoke = "signing_key.revoke";
    /// A document is added to what the assistant knows.
    DocumentCreate = "document.create";
    /// A document is removed.
    DocumentDelete = "document.delete";
    /// A document changes; an import begins or is cancelled.
    DocumentChange = "document.change";
    /// A visitor reads the whole conversation, or the list of theirs.
    TranscriptRead = "transcript.read";
    /// Everything of a visitor is erased.
    VisitorErase = "visitor.erase";
    /// The budget for models changes.
    BudgetChange = "budget.change";
    /// A model's answer is not said.
    AnswerWithhold = "answer.withhold";
    /// A person of the team says something.
    ConversationSay = "conversation.say";
    /// A conversation is taken over, handed back or closed.
    ConversationMove = "conversation.status";
    /// An item of the team's queue moves.
    ReviewMove = "review.status";
    /// All that is kept of a visitor is handed to the team.
    VisitorExport = "visitor.export";
    /// A link to a transcript is made.
    TranscriptLink = "transcript.link";
    /// A transcript is fetched by a link.
    TranscriptDownload = "transcript.download";
    /// Conversations whose time is over are erased.
    RetentionRun = "retention.run";
    /// An organisation is gone; its audit trail follows when its time is over.
    OrganisationEnd = "organisation.end";
    /// A delivery is sent again.
    DeliveryReplay = "delivery.replay";
    /// A connection is made.
    ConnectionCreate = "connection.create";
    /// A connection is removed.
    ConnectionDelete = "connection.delete";
    /// A connection changes.
    ConnectionChange = "connection.change";
    /// The edge calls a foreign host.
    EgressCall = "egress.call";
}

impl Action {
    /// Whether it is logged when it was allowed, too. What visitors do all day is logged when it is refused.
    pub const fn is_logged_when_allowed(self) -> bool {
        !matches!(
            self,
            Self::FrameShow
                | Self::TicketIssue
                | Self::SessionOpen
                | Self::SessionRefresh
                | Self::SocketOpen
                | Self::SocketFrame
                | Self::ManagementRead
                | Self::TranscriptRead
                | Self::EgressCall
                | Self::AnswerWithhold
        )
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
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
            action: Action::SessionTheft,
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

    #[test]
    fn every_action_has_a_name_of_its_own_and_is_explained() {
        let page = include_str!("../../docs/security-log.md");
        let mut names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
        for name in &names {
            assert!(
                page.contains(&format!("`{name}`")),
                "{name} is not in docs/security-log.md"
            );
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
