//! All that is kept of a visitor, for whoever asks for access to it.

use serde::{Deserialize, Serialize};

use super::Conversation;
use crate::event::Action;
use crate::id::{Rfc3339, SiteId, VisitorId};
use crate::wire::api::declaration::{delete, get};
use crate::wire::review::Review;
use crate::wire::visitor::Message;

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

endpoints!(
    visitors,
    admin::visitors::export(Team) = get("/v1/admin/visitors/{visitor}/export", "export_visitor")
        .summary("All that is kept of a visitor.")
        .audits(Action("visitor.export"))
        .replies::<VisitorExport>(200),
    // The visitor's object writes the audit trail's line, together with the deletion.
    admin::visitors::erase(Team) = delete("/v1/admin/visitors/{visitor}", "erase_visitor_for_team")
        .summary("Erases everything of a visitor.")
        .logs(Action::VISITOR_ERASE)
        .replies_nothing(),
);
