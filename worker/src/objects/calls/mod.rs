//! What the worker may ask of an object, named once for both sides.

use oriel_shared::address::Address;
use oriel_shared::id::{
    ApiKeyId, ConversationId, EventId, OrgId, RequestId, ReviewId, Seq, SiteId, SiteKey, UnixMs,
    UsageId, VisitorId,
};
use oriel_shared::model::tokens::Tokens;
use oriel_shared::token::session::{Access, Ticket};
use oriel_shared::wire::admin::Limits;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::{Review, ReviewChange};
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::rights::SessionTimes;
use oriel_shared::wire::site::{Answers, Hours, Provider};
use oriel_shared::wire::usage::{BudgetChange, BudgetState};
use oriel_shared::wire::visitor::{ClientFrame, Message, ServerFrame, Status};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::{Env, Headers, Method, Request, RequestInit, Response, ResponseBody, Stub, WebSocket};

use crate::http::problem::{Fault, Problem};
use crate::objects::streams::EVENTS_MEDIA_TYPE;
use crate::store::audit::By;
use crate::store::deliveries::{Errand, NewEvent};
use crate::store::imports;

/// A call to a visitor's object.
#[derive(Serialize, Deserialize)]
pub enum VisitorCall {
    /// Spend a ticket, begin a session.
    OpenSession {
        /// Verified by the worker; spent by the object.
        ticket: Ticket,
        /// The site's settings.
        settings: Settings,
        /// The language that the visitor reads the chat in, as `oriel_shared::sentences` names it.
        language: String,
    },
    /// Renew a session.
    RefreshSession {
        /// The session.
        family: String,
        /// The generation that was shown.
        generation: u32,
        /// The site's settings; absent while the database does not answer.
        settings: Option<Settings>,
        /// The language that the visitor reads the chat in now; absent for a client that does not say.
        language: Option<String>,
    },
    /// Log out.
    EndSession {
        /// The session.
        family: String,
    },
    /// A frame of a visitor without a socket.
    Hear {
        /// Their session.
        family: String,
        /// What they send.
        frame: ClientFrame,
    },
    /// Answer what waits for an answer.
    Answer,
    /// The team does something in a conversation: refused when the visitor is in another.
    InConversation {
        /// Which.
        conversation: ConversationId,
        /// What.
        call: TeamCall,
    },
    /// The team moves an item of its queue.
    ChangeReview {
        /// The item.
        id: ReviewId,
        /// Where to.
        change: ReviewChange,
        /// Whose key.
        by: ApiKeyId,
    },
    /// What was said, a page of it.
    ReadLog {
        /// The session that asks, when it is the visitor who does.
        family: Option<String>,
        /// Which of the visitor's conversations; the current one unless it says so.
        conversation: Option<ConversationId>,
        /// The last message of the page before.
        after: Seq,
    },
    /// The visitor's own conversations.
    ListConversations {
        /// The session that asks.
        family: String,
    },
    /// When the visitor was there.
    ListSessions,
    /// The visitor wants to be forgotten.
    EraseOwn {
        /// The session that asks.
        family: String,
    },
    /// The team wants the visitor forgotten.
    Erase {
        /// Whose visitor it is.
        owner: Owner,
        /// Who asks.
        by: By,
    },
    /// The site keeps conversations no longer than this; the object knows whether something was said since.
    Expire {
        /// Whose visitor it is.
        owner: Owner,
        /// Which conversation.
        conversation: ConversationId,
        /// What was said before this is to be forgotten.
        until: UnixMs,
    },
}

/// What the team does in a conversation.
#[derive(Serialize, Deserialize)]
pub enum TeamCall {
    /// A person answers.
    Say {
        /// The name that they go by.
        author: Option<String>,
        /// Plain text.
        text: String,
        /// Rich text.
        blocks: Vec<Block>,
    },
    /// A person is writing.
    Typing,
    /// The team has seen the messages up to one.
    Read {
        /// The last one seen.
        seq: Seq,
    },
    /// The team moves the conversation.
    ChangeStatus {
        /// Where it shall stand.
        status: Status,
    },
}

/// One of a visitor's own conversations, for a list.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnRow {
    /// The conversation.
    pub id: ConversationId,
    /// Where it stands.
    pub status: Status,
    /// When something was said last.
    pub at: UnixMs,
    /// How the last words begin.
    pub preview: String,
    /// Whether it is the current one.
    pub is_current: bool,
}

/// A visitor, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The tenant.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The site.
    #[serde(rename = "site_id")]
    pub site: SiteId,
    /// The visitor.
    #[serde(rename = "visitor_id")]
    pub visitor: VisitorId,
}

/// What an object has to know of its site. It remembers the last that it was told, for when the database is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Finds the site.
    pub key: SiteKey,
    /// How much a visitor may ask for.
    pub limits: Limits,
    /// Sessions that began before this have ended.
    pub sessions_since: UnixMs,
    /// How the assistant answers.
    #[serde(default)]
    pub answers: Answers,
    /// When the team is there.
    #[serde(default)]
    pub hours: Hours,
}

/// A ticket is wanted at a site's gate.
#[derive(Serialize, Deserialize)]
pub struct GateCall {
    /// Hash of the address that wants it.
    pub address: String,
    /// The site's limits.
    pub limits: Limits,
    /// Hash of the visitor token's `jti`, when it has one: it is spent here.
    pub jti: Option<String>,
}

/// What a gate says.
#[derive(Serialize, Deserialize)]
pub enum GateReply {
    /// Come in.
    Open,
    /// Too many.
    Limited {
        /// Whether all addresses together were too many.
        is_site: bool,
        /// Until one more is let in.
        wait_us: u64,
    },
    /// The token was spent before.
    Spent,
}

/// What a socket belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upgrading {
    /// Verified claims of the access token.
    pub access: Access,
    /// The request that opens it, for the log.
    pub request_id: RequestId,
    /// From where, cut short, for the log.
    pub address: Option<Address>,
}

/// Whom a stream belongs to.
#[derive(Serialize, Deserialize)]
pub struct Listening {
    /// Verified claims of the access token.
    pub access: Access,
    /// The last message that the client has.
    pub after: Seq,
}

/// An object's answer.
#[derive(Serialize, Deserialize)]
pub enum VisitorReply {
    /// A session that lives.
    Session(LiveSession),
    /// A frame was heard.
    Heard {
        /// What its sender alone is told.
        told: Vec<ServerFrame>,
        /// Whether it asked something that waits for an answer.
        has_question: bool,
    },
    /// It was not, and why.
    Faulted(Fault),
    /// The message as it was stored.
    Said(Message),
    /// An item of the queue as it stands now, without its history.
    Review(Box<Review>),
    /// Where the conversation stands now, and its last sequence number.
    Status {
        /// Where it stands.
        status: Status,
        /// Last sequence number.
        seq: Seq,
    },
    /// A page of the log.
    Log(LogPage),
    /// The visitor's own conversations, last changed first.
    Conversations(Vec<OwnRow>),
    /// When the visitor was there.
    Sessions(Vec<SessionTimes>),
    /// Not done: something was said since.
    Active,
    /// Done, and nothing to say about it.
    Done,
    /// No, for this reason.
    Refused(Refusal),
}

/// Facts of a session from which the worker mints its tokens.
#[derive(Debug, Serialize, Deserialize)]
pub struct LiveSession {
    /// The visitor's site.
    pub site: SiteId,
    /// The site's public key.
    pub key: SiteKey,
    /// Who speaks.
    pub visitor: VisitorId,
    /// The session.
    pub family: String,
    /// The generation that may renew it next.
    pub generation: u32,
    /// The visitor's conversation.
    pub conversation: ConversationId,
}

/// A page of a conversation's log.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogPage {
    /// The conversation.
    pub conversation: ConversationId,
    /// The language that the visitor reads the chat in; the object alone knows it.
    pub language: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// What was said, in order.
    pub messages: Vec<Message>,
    /// Whether there is another page.
    pub has_more: bool,
}

/// Why an object says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The ticket was traded before.
    TicketUsed,
    /// The session has ended, or never was.
    SessionExpired,
    /// The site is suspended.
    SiteNotFound,
    /// A spent cookie was shown again; every session of the visitor has ended.
    SessionReused,
    /// Nothing was ever said here.
    NotFound,
    /// The visitor is in another conversation.
    ConversationNotCurrent,
    /// Nobody vouches for the visitor.
    NotVerified,
}

impl Refusal {
    /// The code that the caller gets.
    pub const fn code(self) -> Code {
        match self {
            Self::TicketUsed => Code::TicketUsed,
            Self::SessionExpired => Code::SessionExpired,
            Self::SiteNotFound => Code::SiteNotFound,
            Self::SessionReused => Code::SessionReused,
            Self::NotFound => Code::NotFound,
            Self::ConversationNotCurrent => Code::ConversationNotCurrent,
            Self::NotVerified => Code::NotVerified,
        }
    }
}

impl VisitorReply {
    /// The problem that this reply is where another was hoped for.
    pub fn unexpected(self) -> Problem {
        match self {
            Self::Refused(refusal) => Problem::refused(refusal.code()),
            Self::Faulted(fault) => fault.into(),
            // Not which one: a reply may hold somebody's words.
            _ => Problem::ours("object", &"an unexpected reply"),
        }
    }
}

/// Objects have no host; any would do.
const ORIGIN: &str = "https://object";
/// What an organisation's desk is told.
#[derive(Serialize, Deserialize)]
pub enum DeskCall {
    /// Something happened. The same events again change nothing.
    Publish {
        /// Where.
        site: SiteId,
        /// With whom.
        visitor: VisitorId,
        /// In this order.
        events: Vec<Published>,
    },
    /// Something of the moment, which is not kept.
    Mention {
        /// Where.
        site: SiteId,
        /// JSON.
        payload: String,
    },
    /// A visitor is to be forgotten.
    Forget {
        /// Whom.
        visitor: VisitorId,
    },
}

/// A call to an organisation's ledger.
#[derive(Serialize, Deserialize)]
pub enum LedgerCall {
    /// A model is about to be called.
    Reserve(Reservation),
    /// It was.
    Settle(Settlement),
    /// The bounds, and where the month stands.
    Show,
    /// The bounds change.
    Change(BudgetChange),
}

/// A call that is about to be made, and the most that it may use.
#[derive(Serialize, Deserialize)]
pub struct Reservation {
    /// The call.
    pub id: UsageId,
    /// Whose ledger it is.
    pub org: OrgId,
    /// For which site.
    pub site: SiteId,
    /// Where the model is.
    pub provider: Provider,
    /// Its name there.
    pub model: String,
    /// The most that it may use.
    pub tokens: Tokens,
    /// What that costs.
    pub cost: u64,
    /// How long it may take.
    pub time_ms: u64,
}

/// What came of a call.
#[derive(Serialize, Deserialize)]
pub struct Settlement {
    /// The call.
    pub id: UsageId,
    /// What it used.
    pub tokens: Tokens,
    /// What that cost.
    pub cost: u64,
    /// In a word.
    pub outcome: String,
}

/// What a ledger says.
#[derive(Serialize, Deserialize)]
pub enum LedgerReply {
    /// It is entered; a call that was reserved may be made.
    Done,
    /// A bound would be exceeded: the call may not be made.
    Over,
    /// The bounds, and where the month stands.
    State(BudgetState),
    /// A bound is higher than any may be.
    TooMuch {
        /// Which.
        field: String,
        /// The highest.
        max: u64,
    },
}

/// An event for those who listen.
#[derive(Serialize, Deserialize)]
pub struct Published {
    /// Made of what happened.
    pub id: EventId,
    /// JSON, in the shape that webhooks have.
    pub payload: String,
}

impl From<NewEvent> for Published {
    fn from(event: NewEvent) -> Self {
        Self {
            id: event.id,
            payload: event.payload,
        }
    }
}

/// Who listens at a desk.
#[derive(Serialize, Deserialize)]
pub struct Watching {
    /// Only to this site.
    pub site: Option<SiteId>,
    /// The last event that they have.
    pub after: Option<u64>,
}

/// Path of calls inside an object.
const CALL_PATH: &str = "/call";
/// Path of sockets inside an object.
pub const SOCKET_PATH: &str = "/socket";
/// Path of streams inside an object.
pub const EVENTS_PATH: &str = "/events";
/// Carries [`Upgrading`] to the object, as JSON.
pub const UPGRADING_HEADER: &str = "x-oriel-upgrading";

fn visitor_stub(env: &Env, visitor: &VisitorId) -> Result<Stub, Problem> {
    Ok(env
        .durable_object("VISITORS")?
        .get_by_name(visitor.as_str())?)
}

/// Calls a visitor's object.
///
/// # Errors
/// 503 `unavailable` when the object does not answer; refusals are replies.
pub async fn visitor(
    env: &Env,
    visitor: &VisitorId,
    call: &VisitorCall,
) -> Result<VisitorReply, Problem> {
    ask("chat", &visitor_stub(env, visitor)?, call).await
}

/// Asks a site's gate for one ticket's passage.
///
/// # Errors
/// 503 `unavailable` when the gate does not answer: then nobody comes in.
pub async fn gate(env: &Env, site: &SiteId, call: &GateCall) -> Result<GateReply, Problem> {
    let gate = env.durable_object("GATES")?.get_by_name(site.as_str())?;
    ask("limiter", &gate, call).await
}

async fn send(
    part: &str,
    object: &Stub,
    path: &str,
    call: &impl Serialize,
) -> Result<Response, Problem> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(serde_json::to_string(call)?.into()));
    let request = Request::new_with_init(&format!("{ORIGIN}{path}"), &init)?;
    let sent = object.fetch_with_request(request).await;
    sent.map_err(|error| Problem::unavailable(part, &error))
}

/// Asks an object; `part` is what the caller of the edge knows it as.
async fn ask<R: DeserializeOwned>(
    part: &str,
    object: &Stub,
    call: &impl Serialize,
) -> Result<R, Problem> {
    let mut response = send(part, object, CALL_PATH, call).await?;
    let down = |error: worker::Error| Problem::unavailable(part, &error);
    let text = response.text().await.map_err(down)?;
    if response.status_code() != 200 {
        return Err(Problem::unavailable(part, &text));
    }
    Ok(serde_json::from_str(&text)?)
}

/// Tells a connection's courier that something is due.
///
/// # Errors
/// As [`visitor`].
pub async fn wake_courier(env: &Env, errand: &Errand) -> Result<(), Problem> {
    let courier = env
        .durable_object("COURIERS")?
        .get_by_name(errand.connection.as_str())?;
    ask("courier", &courier, errand).await
}

/// Asks an organisation's ledger.
///
/// # Errors
/// 503 `unavailable` when the ledger does not answer: then no model is called.
pub async fn ledger(env: &Env, org: &OrgId, call: &LedgerCall) -> Result<LedgerReply, Problem> {
    let ledger = env.durable_object("LEDGERS")?.get_by_name(org.as_str())?;
    ask("ledger", &ledger, call).await
}

/// Tells an organisation's desk.
///
/// # Errors
/// As [`visitor`].
pub async fn desk(env: &Env, org: &OrgId, call: &DeskCall) -> Result<(), Problem> {
    let desk = env.durable_object("DESKS")?.get_by_name(org.as_str())?;
    ask("desk", &desk, call).await
}

/// Listens at an organisation's desk.
///
/// # Errors
/// As [`visitor`].
pub async fn watch(env: &Env, org: &OrgId, watching: &Watching) -> Result<ResponseBody, Problem> {
    let desk = env.durable_object("DESKS")?.get_by_name(org.as_str())?;
    let response = send("desk", &desk, EVENTS_PATH, watching).await?;
    if is_events(&response) {
        Ok(response.body().clone())
    } else {
        Err(Problem::unavailable("desk", &"no stream"))
    }
}

/// Tells a site's importer that there is something to import.
///
/// # Errors
/// As [`visitor`].
pub async fn wake_importer(env: &Env, errand: &imports::Errand) -> Result<(), Problem> {
    let importer = env
        .durable_object("IMPORTERS")?
        .get_by_name(errand.site.as_str())?;
    ask("importer", &importer, errand).await
}

/// What came of asking for a socket.
pub enum Upgraded {
    /// The caller's end.
    Socket(WebSocket),
    /// No, for this reason.
    Refused(Refusal),
}

/// Opens a socket into a visitor's object.
///
/// # Errors
/// As [`visitor`].
pub async fn socket(env: &Env, upgrading: &Upgrading) -> Result<Upgraded, Problem> {
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    headers.set(UPGRADING_HEADER, &serde_json::to_string(upgrading)?)?;
    let mut init = RequestInit::new();
    init.with_headers(headers);
    let request = Request::new_with_init(&format!("{ORIGIN}{SOCKET_PATH}"), &init)?;
    let down = |error: worker::Error| Problem::unavailable("chat", &error);
    let mut response = visitor_stub(env, &upgrading.access.visitor)?
        .fetch_with_request(request)
        .await
        .map_err(down)?;
    if response.status_code() == 101 {
        let socket = response
            .websocket()
            .ok_or_else(|| Problem::unavailable("chat", &"no socket in a 101"))?;
        return Ok(Upgraded::Socket(socket));
    }
    refusal(&response.text().await.map_err(down)?).map(Upgraded::Refused)
}

/// Opens a stream of events out of a visitor's object.
///
/// # Errors
/// As [`visitor`].
pub async fn listen(
    env: &Env,
    listening: &Listening,
) -> Result<Result<ResponseBody, Refusal>, Problem> {
    let stub = visitor_stub(env, &listening.access.visitor)?;
    let mut response = send("chat", &stub, EVENTS_PATH, listening).await?;
    if is_events(&response) {
        return Ok(Ok(response.body().clone()));
    }
    let text = response.text().await;
    refusal(&text.map_err(|error| Problem::unavailable("chat", &error))?).map(Err)
}

fn is_events(response: &Response) -> bool {
    let media_type = response.headers().get("content-type").ok().flatten();
    media_type.is_some_and(|media_type| media_type == EVENTS_MEDIA_TYPE)
}

/// What an object said instead of what was asked for.
fn refusal(text: &str) -> Result<Refusal, Problem> {
    match serde_json::from_str(text) {
        Ok(VisitorReply::Refused(refusal)) => Ok(refusal),
        // Not what it was: a reply may hold somebody's words.
        _ => Err(Problem::unavailable("chat", &"an unexpected reply")),
    }
}
