//! What a connection's receiver gets: one event a request, in the shape of Standard Webhooks.

use serde::{Deserialize, Serialize};

use super::review::ReviewSubject;
use super::usage::BudgetState;
use super::visitor::{Role, Status};
use crate::id::{ConnectionId, ConversationId, ReviewId, Rfc3339, Seq, SiteId, VisitorId};

/// Characters of a message's text at the most; the rest is read with the management API.
pub const TEXT_MAX: usize = 4_000;

/// Writes [`EventKind`] with its names on the wire in one place.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// Kinds of events that a connection can ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
        pub enum EventKind {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

event_kinds! {
    /// A visitor said something for the first time.
    ConversationCreated = "conversation.created";
    /// Somebody said something: the visitor, the assistant, a person of the team.
    MessageCreated = "message.created";
    /// The visitor asked for a person.
    ConversationWaiting = "conversation.waiting";
    /// The conversation was moved: asked for a person, taken over, handed back, closed, opened again.
    ConversationStatus = "conversation.status";
    /// Something came into the team's queue: a visitor waits, left word, or an answer waits for approval.
    ReviewCreated = "review.created";
    /// Something in the queue moved.
    ReviewStatus = "review.status";
    /// The visitor judged an answer.
    FeedbackCreated = "feedback.created";
    /// Four fifths of a month's budget for models are spent.
    BudgetWarning = "budget.warning";
    /// A month's budget for models is spent: until the next one the documents answer alone.
    BudgetExceeded = "budget.exceeded";
}

impl EventKind {
    /// Returns the kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A request's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Name of an [`EventKind`], or `ping`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub timestamp: Rfc3339,
    /// What happened.
    pub data: EventData,
}

/// What happened, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventData {
    /// In a conversation.
    Conversation(Box<ConversationEvent>),
    /// With a budget: it, and where its month stands.
    Budget(BudgetState),
    /// Nothing: the connection is being verified.
    Ping {
        /// The connection.
        connection: ConnectionId,
    },
}

/// Something that happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationEvent {
    /// The site.
    pub site: SiteId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The visitor.
    pub visitor: VisitorId,
    /// Whether a signed token vouched for the visitor.
    pub verified: bool,
    /// Where the conversation stood: after the move for `conversation.status`, else when the event was written down.
    pub status: Status,
    /// What was said, for `message.created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<EventMessage>,
    /// What moved, for `review.created` and `review.status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<EventReview>,
    /// What was judged, for `feedback.created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<EventFeedback>,
}

/// An item of the team's queue in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventReview {
    /// For the management API.
    pub id: ReviewId,
    /// Where it stands.
    pub status: super::review::ReviewStatus,
    /// What there is to look at, when it comes up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matter: Option<ReviewSubject>,
}

/// A judgement in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFeedback {
    /// The answer.
    pub seq: Seq,
    /// Thumb up, or down.
    pub good: bool,
}

/// A message in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMessage {
    /// Place in the conversation.
    pub seq: Seq,
    /// Its id.
    pub id: String,
    /// Who said it.
    pub role: Role,
    /// The words as plain text, at most [`TEXT_MAX`] characters.
    pub text: String,
    /// Whether the text was longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

impl EventMessage {
    /// Bounds a message's text for an event.
    #[must_use]
    pub fn new(seq: Seq, id: String, role: Role, mut text: String) -> Self {
        let end = text.char_indices().nth(TEXT_MAX).map(|(at, _)| at);
        if let Some(end) = end {
            text.truncate(end);
        }
        Self {
            seq,
            id,
            role,
            text,
            truncated: end.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_by_their_names() {
        for kind in EventKind::ALL {
            let text = serde_json::to_value(kind).expect("it serialises");
            assert_eq!(text, kind.name());
        }
        assert!(serde_json::from_str::<EventKind>("\"message.deleted\"").is_err());
    }

    #[test]
    fn an_event_has_the_shape_that_receivers_know() {
        let event = Event {
            kind: EventKind::MessageCreated.name().into(),
            timestamp: crate::id::UnixMs(0).rfc3339(),
            data: EventData::Conversation(Box::new(ConversationEvent {
                site: SiteId("site_a".into()),
                conversation: ConversationId("cnv_a".into()),
                visitor: VisitorId("vis_a".into()),
                verified: false,
                status: Status::Open,
                message: Some(EventMessage::new(
                    Seq(1),
                    "m1".into(),
                    Role::Visitor,
                    "Hi".into(),
                )),
                review: None,
                feedback: None,
            })),
        };
        let json = r#"{"type":"message.created","timestamp":"1970-01-01T00:00:00.000Z","data":{"site":"site_a","conversation":"cnv_a","visitor":"vis_a","verified":false,"status":"open","message":{"seq":1,"id":"m1","role":"visitor","text":"Hi"}}}"#;
        assert_eq!(serde_json::to_string(&event).ok().as_deref(), Some(json));
        assert_eq!(serde_json::from_str::<Event>(json).ok(), Some(event));
        let ping = r#"{"type":"ping","timestamp":"1970-01-01T00:00:00.000Z","data":{"connection":"con_a"}}"#;
        let read: Event = serde_json::from_str(ping).expect("a ping");
        assert_eq!(serde_json::to_string(&read).ok().as_deref(), Some(ping));
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        let said = |n| EventMessage::new(Seq(1), "m1".into(), Role::Assistant, "é".repeat(n));
        assert!(!said(TEXT_MAX).truncated);
        let long = said(TEXT_MAX + 1);
        assert_eq!(
            (long.truncated, long.text.chars().count()),
            (true, TEXT_MAX)
        );
    }
}
