//! What the worker may ask of an object, named once for both sides.

use oriel_shared::address::Address;
use oriel_shared::id::{ConversationId, RequestId, Seq, SiteId, SiteKey, UnixMs, VisitorId};
use oriel_shared::token::session::{Access, Ticket};
use oriel_shared::wire::admin::Limits;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::rich_text::Block;
use oriel_shared::wire::site::{Answers, Hours};
use oriel_shared::wire::visitor::{Message, Status};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::{Env, Headers, Method, Request, RequestInit, Stub, WebSocket};

use crate::http::problem::Problem;
use crate::store::deliveries::Errand;

/// A call to a visitor's object.
#[derive(Serialize, Deserialize)]
pub enum VisitorCall {
    /// Spend a ticket, begin a session.
    OpenSession {
        /// Verified by the worker; spent by the object.
        ticket: Ticket,
        /// The site's settings.
        settings: Settings,
    },
    /// Renew a session.
    RefreshSession {
        /// The session.
        family: String,
        /// The generation that was shown.
        generation: u32,
        /// The site's settings; absent while the database does not answer.
        settings: Option<Settings>,
    },
    /// Log out.
    EndSession {
        /// The session.
        family: String,
    },
    /// A person of the team answers.
    SayAsAgent {
        /// Plain text.
        text: String,
        /// Rich text.
        blocks: Vec<Block>,
    },
    /// The team moves the conversation.
    ChangeStatus {
        /// Where it shall stand.
        status: Status,
    },
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

/// An object's answer.
#[derive(Serialize, Deserialize)]
pub enum VisitorReply {
    /// A session that lives.
    Session(LiveSession),
    /// The message as it was stored.
    Said(Message),
    /// Where the conversation stands now, and its last sequence number.
    Status {
        /// Where it stands.
        status: Status,
        /// Last sequence number.
        seq: Seq,
    },
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
        }
    }
}

impl VisitorReply {
    /// The problem that this reply is where another was hoped for.
    pub fn unexpected(self) -> Problem {
        match self {
            Self::Refused(refusal) => Problem::refused(refusal.code()),
            // Not which one: a reply may hold somebody's words.
            _ => Problem::ours("object", &"an unexpected reply"),
        }
    }
}

/// Path of calls inside an object. Objects have no host; any would do.
const CALL_URL: &str = "https://object/call";
/// Path of sockets inside an object.
pub const SOCKET_PATH: &str = "/socket";
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

/// Asks an object; `part` is what the caller of the edge knows it as.
async fn ask<R: DeserializeOwned>(
    part: &str,
    object: &Stub,
    call: &impl Serialize,
) -> Result<R, Problem> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(serde_json::to_string(call)?.into()));
    let request = Request::new_with_init(CALL_URL, &init)?;
    let down = |error: worker::Error| Problem::unavailable(part, &error);
    let mut response = object.fetch_with_request(request).await.map_err(down)?;
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
    let request = Request::new_with_init(&format!("https://object{SOCKET_PATH}"), &init)?;
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
    let text = response.text().await.map_err(down)?;
    match serde_json::from_str(&text) {
        Ok(VisitorReply::Refused(refusal)) => Ok(Upgraded::Refused(refusal)),
        _ => Err(Problem::unavailable("chat", &text)),
    }
}
