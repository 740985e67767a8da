//! A conversation as its visitor may keep it, and links to it that the team makes.

use serde::{Deserialize, Serialize};

use super::visitor::{Message, Status};
use crate::id::{ConversationId, Rfc3339, VisitorId};

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
