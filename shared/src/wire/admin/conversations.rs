//! Conversations, and what the team does in them.

use serde::{Deserialize, Serialize};

use crate::event::Action;
use crate::id::{ConversationId, Rfc3339, Seq, SiteId, VisitorId};
use crate::wire::api::declaration::{get, optional, post};
use crate::wire::problem::Code::{ConversationNotCurrent, InvalidField, NotFound};
use crate::wire::transcript::{TranscriptLink, TranscriptLinkCreate};
use crate::wire::visitor::{Message, PageContext, Status};

/// A conversation as the management API lists it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Conversation {
    /// The id that the visitor's session named.
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

endpoints!(
    conversations,
    admin::conversations::list(Team) = get("/v1/admin/conversations", "list_conversations")
        .summary("The conversations, of all sites or of one, in pages.")
        .query(&[optional("site")])
        .replies_page_of::<Conversation>()
        .problems(&[NotFound]),
    admin::conversations::show(Team) = get(
        "/v1/admin/conversations/{conversation}",
        "show_conversation"
    )
    .summary("A conversation, without its messages.")
    .replies::<Conversation>(200),
    admin::messages::list(Team) = get(
        "/v1/admin/conversations/{conversation}/messages",
        "list_messages"
    )
    .summary("The messages, in pages, in the order of their numbers.")
    .replies_page_of::<Message>(),
    admin::downloads::create(Team) = post(
        "/v1/admin/conversations/{conversation}/transcript-link",
        "link_transcript"
    )
    .summary("A link that gives the transcript to whoever has it, for a while.")
    .audits(Action("transcript.link"))
    .optional_body::<TranscriptLinkCreate>()
    .replies::<TranscriptLink>(201)
    .problems(&[InvalidField]),
    admin::messages::create(Team) = post(
        "/v1/admin/conversations/{conversation}/messages",
        "say_as_agent"
    )
    .summary("Says something as a person; the assistant goes quiet.")
    .audits(Action("conversation.say"))
    .body::<AgentMessage>()
    .replies::<Message>(201)
    .problems(&[InvalidField, ConversationNotCurrent]),
    admin::conversations::change_status(Team) = post(
        "/v1/admin/conversations/{conversation}/status",
        "change_status"
    )
    .summary("Takes over, hands back, closes.")
    .audits(Action("conversation.status"))
    .body::<StatusChange>()
    .replies::<Conversation>(200)
    .problems(&[InvalidField, ConversationNotCurrent]),
    // These two change nothing but what the visitor sees for a moment.
    admin::conversations::show_typing(Team) = post(
        "/v1/admin/conversations/{conversation}/typing",
        "show_typing"
    )
    .summary("Shows the visitor that somebody is writing, for a few seconds.")
    .logs_refusals(Action::MANAGEMENT_READ)
    .replies_nothing()
    .problems(&[ConversationNotCurrent]),
    admin::conversations::mark_read(Team) =
        post("/v1/admin/conversations/{conversation}/read", "mark_read")
            .summary("Shows the visitor how far the team has read.")
            .logs_refusals(Action::MANAGEMENT_READ)
            .body::<ReadMark>()
            .replies_nothing()
            .problems(&[ConversationNotCurrent]),
);
