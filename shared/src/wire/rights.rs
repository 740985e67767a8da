//! What a visitor has a right to, and who did what: transcripts, exports, links to them, the audit trail.

use serde::{Deserialize, Serialize};

use super::visitor::{Message, Status};
use crate::id::{ConversationId, VisitorId};

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
