//! Conversations, and what the team does in them.

use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, Rfc3339, Seq, SiteId, VisitorId};
use crate::wire::visitor::{PageContext, Status};

/// A conversation as the management API lists it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Conversation {
    /// The same id that the visitor's session named.
    pub id: ConversationId,
    /// The site it was held on.
    pub site: SiteId,
    /// The visitor.
    pub visitor: VisitorId,
    /// Whether a signed token vouched for the visitor.
    pub verified: bool,
    /// Where the visitor was last, as the site's page told: proof of nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<PageContext>,
    /// Where it stands.
    pub status: Status,
    /// Last sequence number.
    pub seq: Seq,
    /// When it began.
    pub created_at: Rfc3339,
    /// When the last message was stored.
    pub updated_at: Rfc3339,
}

/// `POST /v1/admin/conversations/{id}/messages`: a person answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentMessage {
    /// The words, Markdown.
    pub text: String,
    /// The name that the visitor sees, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// `POST /v1/admin/conversations/{id}/read`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadMark {
    /// The last message that the team has seen.
    pub seq: Seq,
}

/// `POST /v1/admin/conversations/{id}/status`: take over, hand back, close.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatusChange {
    /// Where the conversation shall stand.
    pub status: Status,
}
