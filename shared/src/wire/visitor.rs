//! What a visitor's widget and the edge say to each other: tickets, sessions and socket frames.

use serde::{Deserialize, Serialize};

use super::rich_text::Block;
use crate::id::{ConversationId, Rfc3339, Seq, VisitorId};

/// The subprotocol that a socket client offers beside its access token, and the only one that the edge names back.
pub const SOCKET_PROTOCOL: &str = "oriel.v1";

/// Sent as a bare text frame to keep a socket open; the runtime answers [`PONG`] without waking the object.
pub const PING: &str = "ping";
/// Answer to [`PING`].
pub const PONG: &str = "pong";

/// `POST /v1/sites/{key}/tickets`. The body may be absent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketRequest {
    /// Signed visitor token (JWT), needed in signed mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Answer to [`TicketRequest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct TicketReply {
    /// Single-use ticket, to be traded for a session.
    pub ticket: String,
    /// Seconds until it is void.
    pub expires_in: u32,
    /// Whether it is for somebody whom the site's own backend vouches for: then a session that an earlier visitor left
    /// in this browser is not to be resumed.
    #[serde(default)]
    pub verified: bool,
}

/// `POST /v1/session`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// The ticket that the loader got from the host page.
    pub ticket: String,
    /// The language that the visitor reads the chat in (BCP 47): what the chat says of its own accord is in it. Absent,
    /// the browser's `Accept-Language` counts, then the site's. One that there is not is English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// `POST /v1/session/refresh`. The body may be absent when the browser holds one session only.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    /// Public key of the site whose session is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The language that the visitor reads the chat in now (BCP 47); absent, it stays the one that it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// `DELETE /v1/session`. The body may be absent when the browser holds one session only.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteScoped {
    /// Public key of the site whose session is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
}

/// Answer of the session endpoints. The refresh cookie travels beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct SessionReply {
    /// For the `Authorization` header and the socket's subprotocol; kept in memory only.
    pub access_token: String,
    /// Seconds until the access token is void.
    pub expires_in: u32,
    /// Who is speaking.
    pub visitor: VisitorId,
    /// The visitor's conversation.
    pub conversation: ConversationId,
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person on the site.
    Visitor,
    /// The machine that answers from documents.
    Assistant,
    /// A person of the team.
    Agent,
    /// The chat itself: a hand-over, a closing.
    System,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The assistant answers.
    #[default]
    Open,
    /// A person was asked for; nobody has answered yet.
    Waiting,
    /// A person of the team has the conversation; the assistant is quiet.
    Agent,
    /// Ended by the team. A new message opens it again.
    Closed,
}

/// A document that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Source {
    /// Title of the document.
    pub title: String,
    /// Heading of the passage, when it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Where the document can be read, if its owner said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What an answer suggests that the visitor might do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// Talk to a person: the widget shows a button that sends [`ClientFrame::Escalate`].
    Person,
    /// Nobody is there now: the widget shows a form that sends [`ClientFrame::Lead`].
    Message,
}

/// A stored message. Its sequence number is its place in the conversation, for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Message {
    /// Place in the conversation, from 1, without gaps.
    pub seq: Seq,
    /// Made by whoever wrote it; makes sending idempotent.
    pub id: String,
    /// Who wrote it.
    pub role: Role,
    /// For [`Role::Agent`]: the name that the person goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The words as plain text.
    pub text: String,
    /// The words as rich text.
    pub blocks: Vec<Block>,
    /// What the answer rests on; beside an offer, which says that there is none, where the visitor may look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What the visitor might do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// What the visitor said of an answer: whether it is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<bool>,
    /// When it was stored.
    pub at: Rfc3339,
}

/// What a transcript says of a message.
pub struct Spoken<'a> {
    /// Who wrote it.
    pub role: Role,
    /// The name that a person of the team goes by.
    pub author: Option<&'a str>,
    /// The words as plain text.
    pub text: &'a str,
    /// What an answer rests on.
    pub sources: &'a [Source],
    /// When it was stored.
    pub at: &'a Rfc3339,
}

impl Message {
    /// What a transcript says of it. Here, so that whoever adds a member to a message decides whether it is a part of that.
    pub fn spoken(&self) -> Spoken<'_> {
        let Self {
            role,
            author,
            text,
            sources,
            at,
            // The text says what rich text shows, and the rest is for programs.
            seq: _,
            id: _,
            blocks: _,
            offer: _,
            feedback: _,
        } = self;
        Spoken {
            role: *role,
            author: author.as_deref(),
            text,
            sources,
            at,
        }
    }
}

/// `POST /v1/messages`: [`ClientFrame::Send`] without a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MessageSend {
    /// Made by the client: 1 to 64 characters of `A-Z a-z 0-9 _ -`. The same again is the same message.
    pub id: String,
    /// The words, plain text.
    pub text: String,
    /// The conversation that they are meant for: refused when another one is current. Absent, whichever is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
}

/// Frames from the widget to the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientFrame {
    /// Say something. The same `id` again is the same message.
    Send {
        /// Made by the client: 1 to 64 characters of `A-Z a-z 0-9 _ -`.
        id: String,
        /// The words, plain text.
        text: String,
        /// The conversation that they are meant for: refused when another one is current. Absent, whichever is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conversation: Option<ConversationId>,
    },
    /// Ask for every message after a sequence number; 0 for all.
    Resume {
        /// The last sequence number that the client holds.
        after: Seq,
    },
    /// Ask for a person. Written with braces because serde takes unknown fields of a unit variant for known.
    Escalate {},
    /// The visitor is writing. Sent again every few seconds while that is so.
    Typing {},
    /// The visitor has seen every message up to this one.
    Read {
        /// The last one seen.
        seq: Seq,
    },
    /// Stop the answer that is being made. What was said of it so far is kept.
    Stop {},
    /// How the visitor can be reached, and what about. Sent again it replaces what was sent before.
    Lead(Lead),
    /// Whether an answer was any good. Sent again it replaces what was sent before.
    Feedback {
        /// The answer.
        seq: Seq,
        /// Thumb up, or down.
        good: bool,
    },
    /// Where the visitor is, as the page around the chat says. Sent again it replaces what was sent before.
    Context(PageContext),
    /// End the chat. The next message opens it again.
    End {},
    /// Begin another conversation; for verified visitors. A [`ServerFrame::Welcome`] to every tab says that it is there.
    Begin {},
    /// Go back to an earlier conversation of one's own; for verified visitors.
    Switch {
        /// Which.
        conversation: ConversationId,
    },
}

/// One of a visitor's own conversations, as `GET /v1/conversations` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct OwnConversation {
    /// The conversation.
    pub id: ConversationId,
    /// Where it stands.
    pub status: Status,
    /// When the last message was stored.
    pub at: Rfc3339,
    /// How its last words begin, on one line.
    pub preview: String,
    /// Whether it is the one that goes on now.
    pub current: bool,
}

/// Where a visitor is, as the page says: for the team to see, and proof of nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PageContext {
    /// Address of the page, `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Title of the page, one line of at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Anything else that the site finds worth knowing; at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

/// One thing that a page tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is: one line of at most 64 characters.
    pub name: String,
    /// One line of at most 200 characters.
    pub value: String,
}

/// What a visitor leaves behind when nobody is there, or answers to what the site asks before the first message. At least
/// one field is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// What they are called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where to call, E.164 or as people write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Frames from the edge to the widget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// First frame on every socket, and again when another conversation has become the current one: what comes after it
    /// belongs to that one.
    Welcome {
        /// The visitor's conversation.
        conversation: ConversationId,
        /// Last sequence number in use; 0 when nothing was said yet.
        seq: Seq,
        /// Where the conversation stands.
        status: Status,
        /// Whether nobody of the team is there now, by the site's hours.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        away: bool,
        /// The last message that the visitor has seen, on any device.
        #[serde(default)]
        read: Seq,
        /// Whether the visitor may have several conversations.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        several: bool,
    },
    /// A stored message: an acknowledgement to the tab that sent it, news to the others.
    Message(Message),
    /// The next words of an answer that is being made. The stored message, when it comes, is what counts; a `status`
    /// that takes the conversation from the assistant takes them back.
    Delta {
        /// The id that the message will have.
        id: String,
        /// The words, plain text, to be put behind those before.
        text: String,
    },
    /// Somebody is writing. Holds for a few seconds, or until a message of theirs.
    Typing {
        /// Who.
        role: Role,
    },
    /// The conversation moved.
    Status {
        /// Where it stands now.
        status: Status,
        /// Whether nobody of the team is there now, by the site's hours.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        away: bool,
    },
    /// Somebody has seen every message up to this one.
    Read {
        /// Who: the visitor on another device, or a person of the team.
        role: Role,
        /// The last one seen.
        seq: Seq,
    },
    /// What the visitor said of an answer, here or on another device.
    Feedback {
        /// The answer.
        seq: Seq,
        /// Thumb up, or down.
        good: bool,
    },
    /// Something that the client sent was refused. The socket stays open.
    Error {
        /// Stable code, see [`super::problem::Code`].
        code: String,
        /// One sentence for a person.
        detail: String,
        /// The client-made id of the refused message, when it had one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Seconds to wait before trying again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
}
