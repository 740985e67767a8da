//! What a visitor has a right to, and who did what: transcripts, exports, links to them, the audit trail.

use serde::{Deserialize, Serialize};

use super::admin::Conversation;
use super::review::Review;
use super::visitor::{Message, Status};
use crate::id::{ApiKeyId, AuditId, ConversationId, Rfc3339, SiteId, VisitorId};

/// Answer to `GET /v1/transcript`: the whole conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Transcript {
    /// The conversation.
    pub conversation: ConversationId,
    /// The visitor.
    pub visitor: VisitorId,
    /// Where it stands.
    pub status: Status,
    /// Everything that was said, in order.
    pub messages: Vec<Message>,
}

/// How a transcript is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TranscriptFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: [`Transcript`].
    Json,
}

/// A link lives this long unless it is said otherwise, seconds.
pub const LINK_SECS: u32 = 3_600;
/// A link lives this long at the most, seconds: whoever has it has the transcript.
pub const LINK_SECS_MAX: u32 = 7 * 24 * 3_600;

/// `POST /v1/admin/conversations/{id}/transcript-link`. The body may be absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TranscriptLinkCreate {
    /// How the transcript is written, text unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TranscriptFormat>,
    /// Seconds that the link is good for, 1 to 604,800; 3,600 unless it says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u32>,
}

/// Answer to [`TranscriptLinkCreate`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct TranscriptLink {
    /// Gives the transcript to whoever has it.
    pub url: String,
    /// Until then.
    pub expires_at: Rfc3339,
}

/// Answer to `GET /v1/admin/visitors/{id}/export`: all that is kept of a visitor.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct VisitorExport {
    /// The visitor.
    pub visitor: VisitorId,
    /// Whose visitor they are.
    pub site: SiteId,
    /// Whether a signed token vouched for the visitor.
    pub verified: bool,
    /// When this was written.
    pub exported_at: Rfc3339,
    /// When they were there.
    pub sessions: Vec<SessionTimes>,
    /// What came into the team's queue with them: leads, escalations, drafts.
    pub reviews: Vec<Review>,
    /// What was said, and what they said of the answers.
    pub conversations: Vec<ExportedConversation>,
}

/// A session without what would open it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct SessionTimes {
    /// When it began.
    pub began_at: Rfc3339,
    /// When it was renewed last.
    pub renewed_at: Rfc3339,
    /// Whether it has ended.
    pub ended: bool,
}

/// A conversation and all of its messages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ExportedConversation {
    /// The conversation.
    pub conversation: Conversation,
    /// The language that the visitor read the chat in last (BCP 47), as long as their object knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Everything that was said, in order.
    pub messages: Vec<Message>,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditActor {
    /// A program of the team.
    ApiKey,
    /// Whoever has a link that a key of the team made.
    Link,
    /// A visitor, of what is theirs.
    Visitor,
    /// The edge itself, when a time was over.
    Edge,
}

/// A line of the audit trail: something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct AuditLine {
    /// Names the line.
    pub id: AuditId,
    /// When.
    pub at: Rfc3339,
    /// Who.
    pub actor: AuditActor,
    /// The key that did it, or that made the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ApiKeyId>,
    /// What, by the names of the security log.
    pub action: String,
    /// The site, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// To what: its id, or `hash_…` for what is a visitor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// To how many, when not to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}
