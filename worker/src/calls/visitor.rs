//! Calls to a visitor's object: the visitor's own, by way of a session, and the team's.

use oriel_shared::address::Address;
use oriel_shared::id::{
    ApiKeyId, ConversationId, RequestId, ReviewId, Seq, SiteId, SiteKey, UnixMs, VisitorId,
};
use oriel_shared::token::session::{Access, Ticket};
use oriel_shared::wire::admin::SessionTimes;
use oriel_shared::wire::review::{Review, ReviewChange};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::visitor::{ClientFrame, Message, ServerFrame, Status};
use serde::{Deserialize, Serialize};
use worker::{Env, Headers, RequestInit, ResponseBody, Stub, WebSocket};

use super::{EVENTS_PATH, SOCKET_PATH, ask, is_events, reach, send, unexpected};
use crate::http::problem::Problem;
use crate::store::audit::DoneBy;
use crate::store::sites::OwnedSite;
use crate::store::visitors::Owner;

/// A call to a visitor's object.
#[derive(Serialize, Deserialize)]
pub enum VisitorCall {
    /// Spends a ticket and begins a session.
    OpenSession {
        /// Verified by the worker; spent by the object.
        ticket: Ticket,
        /// The site, as the worker has just read it.
        site: Box<OwnedSite>,
        /// The language that the visitor reads the chat in, as `oriel_shared::i18n` names it.
        language: String,
    },
    /// Renews a session.
    RefreshSession {
        /// The session.
        family: String,
        /// The generation that was shown.
        generation: u32,
        /// The site, as the worker has just read it; absent while the database does not answer.
        site: Option<Box<OwnedSite>>,
        /// The language that the visitor reads the chat in now; absent for a client that does not say.
        language: Option<String>,
    },
    /// Ends a session.
    EndSession {
        /// The session.
        family: String,
    },
    /// Takes a frame of a visitor without a socket.
    ReceiveFrame {
        /// Their session.
        family: String,
        /// The frame.
        frame: ClientFrame,
    },
    /// Answers the questions that wait for an answer.
    AnswerPending,
    /// Does something for the team in a conversation; refused when the visitor is in another one.
    InConversation {
        /// The conversation.
        conversation: ConversationId,
        /// What the team does.
        call: TeamCall,
    },
    /// Moves an item of the team's queue.
    ChangeReview {
        /// The item.
        id: ReviewId,
        /// The change.
        change: ReviewChange,
        /// The key of whoever moves it.
        by: ApiKeyId,
    },
    /// Reads a page of a conversation's messages.
    ReadMessages {
        /// The session that asks, when it is the visitor who does.
        family: Option<String>,
        /// The conversation; the current one where it is absent.
        conversation: Option<ConversationId>,
        /// The last message of the page before.
        after: Seq,
    },
    /// Lists the visitor's own conversations.
    ListConversations {
        /// The session that asks.
        family: String,
    },
    /// Lists when the visitor was there.
    ListSessions,
    /// Erases everything of the visitor, who asks for it.
    EraseOwn {
        /// The session that asks.
        family: String,
    },
    /// Erases everything of the visitor, for the team.
    Erase {
        /// Whose visitor it is.
        owner: Owner,
        /// Who asks.
        by: DoneBy,
    },
    /// Erases a conversation whose time is over by the site's retention, unless there are newer messages in it.
    Expire {
        /// Whose visitor it is.
        owner: Owner,
        /// The conversation.
        conversation: ConversationId,
        /// Its time is over when its last message is older than this.
        until: UnixMs,
    },
}

/// What the team does in a conversation.
#[derive(Serialize, Deserialize)]
pub enum TeamCall {
    /// A person answers.
    Post(TeamMessage),
    /// A person is writing.
    Typing,
    /// The team has seen the messages up to one.
    Read {
        /// The last one seen.
        seq: Seq,
    },
    /// The team changes the conversation's status.
    ChangeStatus {
        /// The new status.
        status: Status,
    },
}

/// What a person of the team answers.
#[derive(Serialize, Deserialize)]
pub struct TeamMessage {
    /// The name that they go by.
    pub author: Option<String>,
    /// Plain text.
    pub text: String,
    /// Rich text.
    pub blocks: Vec<Block>,
}

/// An object's answer.
#[derive(Serialize, Deserialize)]
pub enum VisitorReply {
    /// A session that lives.
    Session(LiveSession),
    /// The frame was handled.
    FrameReceived {
        /// Frames for its sender alone.
        replies: Vec<ServerFrame>,
        /// Whether it asked something that waits for an answer.
        has_question: bool,
    },
    /// The message as it was stored.
    Posted(Message),
    /// An item of the queue as it stands now, without its history.
    Review(Box<Review>),
    /// The conversation's status now, and its last sequence number.
    Status {
        /// The status.
        status: Status,
        /// Last sequence number.
        seq: Seq,
    },
    /// A page of a conversation's messages.
    Messages(MessagePage),
    /// The visitor's own conversations, last changed first.
    Conversations(Vec<OwnConversationRow>),
    /// When the visitor was there.
    Sessions(Vec<SessionTimes>),
    /// Not done: there are newer messages.
    Active,
    /// Done, and nothing to say about it.
    Done,
}

impl VisitorReply {
    /// The problem of getting this reply where another one was expected.
    pub fn unexpected(self) -> Problem {
        // Not which one: a reply may hold somebody's words.
        Problem::ours("object", &"an unexpected reply")
    }
}

/// Facts of a session from which the worker mints its tokens.
#[derive(Debug, Serialize, Deserialize)]
pub struct LiveSession {
    /// The visitor's site.
    pub site: SiteId,
    /// The site's public key.
    pub key: SiteKey,
    /// The visitor.
    pub visitor: VisitorId,
    /// The session.
    pub family: String,
    /// The generation that may renew it next.
    pub generation: u32,
    /// The visitor's conversation.
    pub conversation: ConversationId,
}

/// A page of a conversation's messages.
#[derive(Debug, Serialize, Deserialize)]
pub struct MessagePage {
    /// The conversation.
    pub conversation: ConversationId,
    /// The language that the visitor reads the chat in; the object alone knows it.
    pub language: Option<String>,
    /// Its status.
    pub status: Status,
    /// The messages, in order.
    pub messages: Vec<Message>,
    /// Whether there is another page.
    pub has_more: bool,
}

/// One of a visitor's own conversations, for a list.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnConversationRow {
    /// The conversation.
    pub id: ConversationId,
    /// Its status.
    pub status: Status,
    /// When its last message was stored.
    pub at: UnixMs,
    /// How its last message begins.
    pub preview: String,
    /// Whether it is the current one.
    pub is_current: bool,
}

/// Asks for a socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SocketRequest {
    /// Verified claims of the access token.
    pub access: Access,
    /// The request that opens it, for the log.
    pub request_id: RequestId,
    /// From where, cut short, for the log.
    pub address: Option<Address>,
}

/// Carries [`SocketRequest`] to the object, as JSON.
pub const SOCKET_REQUEST_HEADER: &str = "x-oriel-socket-request";

/// Asks for a stream.
#[derive(Serialize, Deserialize)]
pub struct StreamRequest {
    /// Verified claims of the access token.
    pub access: Access,
    /// The last message that the client has.
    pub after: Seq,
}

/// Calls a visitor's object.
///
/// # Errors
/// 503 `unavailable` when the object does not answer, or what the object refused the call with.
pub async fn visitor(
    env: &Env,
    visitor: &VisitorId,
    call: &VisitorCall,
) -> Result<VisitorReply, Problem> {
    ask("chat", &visitor_stub(env, visitor)?, call).await
}

/// Opens a socket into a visitor's object.
///
/// # Errors
/// As [`visitor`].
pub async fn socket(env: &Env, asked: &SocketRequest) -> Result<WebSocket, Problem> {
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    headers.set(SOCKET_REQUEST_HEADER, &serde_json::to_string(asked)?)?;
    let mut init = RequestInit::new();
    init.with_headers(headers);
    let stub = visitor_stub(env, &asked.access.visitor)?;
    let response = reach("chat", &stub, SOCKET_PATH, &init).await?;
    if response.status_code() == 101 {
        let socket = response.websocket();
        return socket.ok_or_else(|| Problem::unavailable("chat", &"no socket in a 101"));
    }
    Err(unexpected("chat", response).await)
}

/// Opens a stream of events out of a visitor's object.
///
/// # Errors
/// As [`visitor`].
pub async fn listen(env: &Env, asked: &StreamRequest) -> Result<ResponseBody, Problem> {
    let stub = visitor_stub(env, &asked.access.visitor)?;
    let response = send("chat", &stub, EVENTS_PATH, asked).await?;
    if is_events(&response) {
        return Ok(response.body().clone());
    }
    Err(unexpected("chat", response).await)
}

fn visitor_stub(env: &Env, visitor: &VisitorId) -> Result<Stub, Problem> {
    Ok(env
        .durable_object("VISITORS")?
        .get_by_name(visitor.as_str())?)
}
