//! The team's queue: what a person should look at, and what became of it.

use serde::{Deserialize, Serialize};

use super::visitor::{Lead, Source};
use crate::id::{ApiKeyId, ConversationId, ReviewId, Rfc3339, Seq, SiteId, VisitorId};

/// Why something is in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// A visitor waits for a person.
    Escalation,
    /// An answer waits for approval.
    Draft,
    /// A visitor left word how to be reached.
    Lead,
}

impl ReviewKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Escalation, Self::Draft, Self::Lead];

    /// Returns the name in rows and query parameters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Escalation => "escalation",
            Self::Draft => "draft",
            Self::Lead => "lead",
        }
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Nobody has looked at it.
    Open,
    /// Somebody works on it.
    InProgress,
    /// Dealt with; a draft was sent.
    Done,
    /// Not worth dealing with; a draft was not sent.
    Dismissed,
}

impl ReviewStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Open, Self::InProgress, Self::Done, Self::Dismissed];

    /// Returns the name in rows and query parameters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Dismissed => "dismissed",
        }
    }
}

/// Why a person was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(rename = "Because")
)]
#[serde(rename_all = "snake_case")]
pub enum EscalationReason {
    /// The visitor asked.
    Visitor,
    /// The visitor said what a rule of the site names.
    Rule,
    /// The assistant could not answer as often in a row as the site allows.
    Doubt,
}

/// What there is to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(rename = "Matter")
)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReviewSubject {
    /// Of an escalation.
    Escalation {
        /// Why.
        because: EscalationReason,
    },
    /// Of a draft.
    Draft {
        /// The question that it answers.
        question: String,
        /// The answer, Markdown.
        text: String,
        /// What it rests on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sources: Vec<Source>,
    },
    /// Of a lead.
    Lead(Lead),
}

impl ReviewSubject {
    /// Returns the kind of it.
    pub const fn kind(&self) -> ReviewKind {
        match self {
            Self::Escalation { .. } => ReviewKind::Escalation,
            Self::Draft { .. } => ReviewKind::Draft,
            Self::Lead(_) => ReviewKind::Lead,
        }
    }
}

/// An item of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Review {
    /// For the management API.
    pub id: ReviewId,
    /// The site.
    pub site: SiteId,
    /// The conversation that it came up in.
    pub conversation: ConversationId,
    /// The visitor.
    pub visitor: VisitorId,
    /// Where it came up: the last message by then.
    pub seq: Seq,
    /// What became of it.
    pub status: ReviewStatus,
    /// What there is to look at.
    pub matter: ReviewSubject,
    /// What became of it so far, oldest first.
    pub history: Vec<ReviewStep>,
    /// When it came up.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}

/// A change of an item's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ReviewStep {
    /// What it became.
    pub status: ReviewStatus,
    /// Whose key it was; absent for what the conversation itself brought about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ApiKeyId>,
    /// What they noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When.
    pub at: Rfc3339,
}

/// `POST /v1/admin/reviews/{id}/status`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReviewChange {
    /// What it becomes. `done` sends a draft.
    pub status: ReviewStatus,
    /// For a draft that is sent: what is said in its place, Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// For the history, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
