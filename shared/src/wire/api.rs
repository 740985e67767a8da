//! The calls that the edge answers, as data: who may make them, what they carry and what they answer. And the same as
//! OpenAPI 3.1, with the schemas of the types that are really read and written.
//!
//! The worker routes by hand (`worker/src/routes.rs`); a test there holds its table and this one to each other, both
//! ways. Nothing here is part of what is deployed but the document that the build writes from it.

use std::collections::BTreeMap;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::admin::{
    AgentMessage, Connection, ConnectionChange, ConnectionCreate, ConnectionCreated, Conversation,
    Delivery, Document, DocumentChange, DocumentCreate, DocumentSaved, Embed, Import, ImportCreate,
    PAGE_ITEMS_MAX, Page, ReadMark, SigningKeyCreated, Site, SiteChange, StatusChange,
};
use super::embed::{MANIFEST_PATH, Manifest};
use super::health::{Alive, Readiness};
use super::problem::{Code, ProblemDocument};
use super::review::{Review, ReviewChange};
use super::rights::{AuditLine, Transcript, TranscriptLink, TranscriptLinkCreate, VisitorExport};
use super::usage::{BudgetChange, BudgetState, UsagePage};
use super::visitor::{
    ClientFrame, Message, MessageSend, OwnConversation, RefreshRequest, ServerFrame, SessionReply,
    SessionRequest, SiteScoped, TicketReply, TicketRequest,
};
use super::{BODY_MAX_BYTES, DOCUMENT_MAX_BYTES};
use Caller::{Anybody, Frame, HostPage, Team, Visitor};

/// Where the description is served.
pub const DESCRIPTION_PATH: &str = "/v1/openapi.json";
/// Where the types of the page's API are served.
pub const TYPES_PATH: &str = "/oriel.d.ts";

/// What every call with an access token may be refused for.
const VISITOR_REFUSALS: &[Code] = &[
    Code::OriginNotAllowed,
    Code::TokenInvalid,
    Code::TokenExpired,
    Code::SessionExpired,
    Code::SiteNotFound,
];

/// Who makes a call, and by what they are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nothing is asked for.
    Anybody,
    /// A customer's page: its `Origin`, and a visitor token where the site wants one.
    HostPage,
    /// The frame: its own origin, and a ticket or the refresh cookie.
    Frame,
    /// The frame, with an access token.
    Visitor,
    /// The team and its programs: an API key.
    Team,
}

/// What a body holds.
#[derive(Clone, Copy)]
enum Content {
    /// There is none.
    Nothing,
    /// JSON of this type.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// A file or a page of this media type.
    Bytes(&'static str),
    /// A socket, with frames of [`ClientFrame`] and [`ServerFrame`].
    Socket,
}

/// What a call takes.
#[derive(Clone, Copy)]
pub struct Body {
    content: Content,
    /// Whether the call is the same without it.
    pub is_optional: bool,
    /// What is longer is refused.
    pub max_bytes: usize,
}

/// One call.
pub struct Operation {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// With its parameters in braces.
    pub path: &'static str,
    /// Its one name: in the description, in the table of routes' test, in the tests that walk it.
    pub name: &'static str,
    /// What it is for, in a line.
    pub summary: &'static str,
    /// Who makes it.
    pub caller: Caller,
    /// Whether the platform serves it as a file, without asking the worker.
    pub is_file: bool,
    /// Names of its query parameters, and whether each has to be there.
    pub query: Vec<(&'static str, bool)>,
    /// Its body.
    pub takes: Option<Body>,
    gives: Vec<(u16, Content)>,
    sets_cookie: bool,
    refuses: Vec<Code>,
}

/// Every call, grouped by who makes it.
pub fn operations() -> Vec<Operation> {
    use Code::{
        ConnectionUnverified, ConversationBusy, ConversationNotCurrent, EgressBlocked, Forbidden,
        ImportRunning, InvalidField, NotFound, NotVerified, OriginNotAllowed, PageUnreadable,
        RateLimited, SessionExpired, SessionReused, SiteNotFound, TicketInvalid, TicketUsed,
        TokenExpired, TokenInvalid, TokenMissing, TooManyConnections, TooManyConversations,
        TooManyKeys, UpgradeRequired,
    };
    vec![
        get("/healthz", "alive", Anybody, "Whether the edge runs.").gives::<Alive>(200),
        get("/readyz", "ready", Anybody, "Whether its parts answer.")
            .gives::<Readiness>(200)
            .gives::<Readiness>(503),
        get(
            "/.well-known/security.txt",
            "security_contact",
            Anybody,
            "Whom to tell about a weakness.",
        )
        .gives_bytes("text/plain"),
        file(DESCRIPTION_PATH, "describe", "This description.").gives_bytes("application/json"),
        file("/oriel.js", "rolling_loader", "The loader, without a pin.")
            .gives_bytes("text/javascript"),
        file(TYPES_PATH, "types", "The types of the page's API, for TypeScript.")
            .gives_bytes("text/plain"),
        file(
            MANIFEST_PATH,
            "manifest",
            "The files of this build and their integrity.",
        )
        .gives::<Manifest>(200),
        file(
            "/assets/{file}",
            "asset",
            "A file that is named by its own hash, for good.",
        )
        .gives_bytes("application/octet-stream"),
        get(
            "/frame",
            "show_frame",
            Anybody,
            "The chat, for the site's pages to frame.",
        )
        .asks_for("site")
        .may_ask_for("lang")
        .gives_bytes("text/html")
        .refuses(&[SiteNotFound]),
        operation(
            "OPTIONS",
            "/v1/sites/{key}/tickets",
            "ask_ticket",
            HostPage,
            "The preflight of a ticket.",
        )
        .gives_nothing(204)
        .refuses(&[OriginNotAllowed, SiteNotFound]),
        post(
            "/v1/sites/{key}/tickets",
            "issue_ticket",
            HostPage,
            "A single-use ticket for whoever is on the page.",
        )
        .may_take::<TicketRequest>()
        .gives::<TicketReply>(201)
        .refuses(&[
            OriginNotAllowed,
            SiteNotFound,
            TokenMissing,
            TokenInvalid,
            TokenExpired,
            RateLimited,
        ]),
        post(
            "/v1/session",
            "open_session",
            Frame,
            "Trades a ticket for a session.",
        )
        .takes::<SessionRequest>()
        .gives::<SessionReply>(201)
        .sets_cookie()
        .refuses(&[TicketInvalid, TicketUsed, SiteNotFound, RateLimited]),
        post(
            "/v1/session/refresh",
            "refresh_session",
            Frame,
            "Trades the refresh cookie for a new one and a new access token. Without a cookie, the access token renews \
             itself.",
        )
        .may_take::<RefreshRequest>()
        .gives::<SessionReply>(200)
        .sets_cookie()
        .refuses(&[SessionExpired, SessionReused, SiteNotFound, RateLimited]),
        delete(
            "/v1/session",
            "end_session",
            Frame,
            "Ends the session whose cookie is shown.",
        )
        .may_take::<SiteScoped>()
        .gives_nothing(204)
        .sets_cookie(),
        get(
            "/v1/socket",
            "open_socket",
            Visitor,
            "The visitor's socket. Offer the subprotocols `oriel.v1` and the access token; the first one is named back.",
        )
        .gives_socket()
        .refuses(&[
            UpgradeRequired,
            OriginNotAllowed,
            TokenInvalid,
            TokenExpired,
            SessionExpired,
            SiteNotFound,
        ]),
        get(
            "/v1/conversations",
            "list_own_conversations",
            Visitor,
            "The visitor's own conversations, last changed first; for verified visitors.",
        )
        .gives_pages_of::<OwnConversation>()
        .refuses(VISITOR_REFUSALS)
        .refuses(&[NotVerified]),
        get(
            "/v1/transcript",
            "show_transcript",
            Visitor,
            "Everything that was said, to take along: as text with `Accept: text/plain`, else as JSON. Of the current \
             conversation, or of another one of the visitor's own.",
        )
        .may_ask_for("conversation")
        .gives::<Transcript>(200)
        .gives_bytes("text/plain")
        .refuses(&[
            OriginNotAllowed,
            TokenInvalid,
            TokenExpired,
            SessionExpired,
            NotFound,
        ]),
        delete(
            "/v1/visitor",
            "erase_visitor",
            Visitor,
            "Erases everything of the visitor, and ends the session.",
        )
        .gives_nothing(204)
        .sets_cookie()
        .refuses(&[OriginNotAllowed, TokenInvalid, TokenExpired, SessionExpired]),
        get(
            "/v1/downloads/{token}",
            "download_transcript",
            Anybody,
            "The transcript that a link gives.",
        )
        .gives::<Transcript>(200)
        .gives_bytes("text/plain")
        .refuses(&[TokenInvalid, TokenExpired, NotFound, RateLimited]),
        post(
            "/v1/messages",
            "send_message",
            Visitor,
            "Says something without a socket. The same `id` again is the same message.",
        )
        .takes::<MessageSend>()
        .gives::<Message>(201)
        .refuses(VISITOR_REFUSALS)
        .refuses(&[InvalidField, ConversationNotCurrent, RateLimited]),
        post(
            "/v1/frames",
            "send_frame",
            Visitor,
            "Any other frame without a socket. What it brings about is heard on the stream.",
        )
        .takes::<ClientFrame>()
        .gives_nothing(204)
        .refuses(VISITOR_REFUSALS)
        .refuses(&[
            Code::InvalidFrame,
            InvalidField,
            NotVerified,
            NotFound,
            ConversationBusy,
            TooManyConversations,
            RateLimited,
        ]),
        get(
            "/v1/events",
            "listen",
            Visitor,
            "The frames of a socket as server-sent events: a welcome, what came after the header `Last-Event-ID`, what \
             happens. Messages have their number as `id`.",
        )
        .gives_bytes("text/event-stream")
        .refuses(VISITOR_REFUSALS)
        .refuses(&[Code::InvalidQuery]),
        post(
            "/v1/admin/sites",
            "create_site",
            Team,
            "Makes a site: disabled, and with nobody on its list.",
        )
        .takes::<SiteChange>()
        .gives::<Site>(201)
        .refuses(&[InvalidField, Forbidden]),
        get("/v1/admin/sites", "list_sites", Team, "The sites, in pages.").gives_pages_of::<Site>(),
        get("/v1/admin/sites/{site}", "show_site", Team, "A site.").gives::<Site>(200),
        operation(
            "PATCH",
            "/v1/admin/sites/{site}",
            "change_site",
            Team,
            "Changes the fields that are named, and no other.",
        )
        .takes::<SiteChange>()
        .gives::<Site>(200)
        .refuses(&[InvalidField]),
        delete(
            "/v1/admin/sites/{site}/sessions",
            "revoke_sessions",
            Team,
            "Ends every session of the site's visitors.",
        )
        .gives_nothing(204),
        post(
            "/v1/admin/sites/{site}/signing-keys",
            "create_signing_key",
            Team,
            "Makes a key for visitor tokens, and shows its secret this once.",
        )
        .gives::<SigningKeyCreated>(201)
        .refuses(&[TooManyKeys]),
        delete(
            "/v1/admin/sites/{site}/signing-keys/{kid}",
            "revoke_signing_key",
            Team,
            "Revokes a key, everywhere within ten seconds.",
        )
        .gives_nothing(204),
        get(
            "/v1/admin/sites/{site}/embed",
            "show_embed",
            Team,
            "What to paste into a page.",
        )
        .gives::<Embed>(200),
        post(
            "/v1/admin/sites/{site}/documents",
            "create_document",
            Team,
            "Adds to what the assistant knows. A page that was imported before is updated in its place: 200, and whether \
             it had changed.",
        )
        .takes_up_to::<DocumentCreate>(DOCUMENT_MAX_BYTES)
        .gives::<DocumentSaved>(201)
        .gives::<DocumentSaved>(200)
        .refuses(&[InvalidField, EgressBlocked, PageUnreadable]),
        get(
            "/v1/admin/sites/{site}/documents",
            "list_documents",
            Team,
            "The documents of a site, in pages, without their content.",
        )
        .gives_pages_of::<Document>(),
        get(
            "/v1/admin/sites/{site}/documents/{document}",
            "show_document",
            Team,
            "A document with its content.",
        )
        .gives::<Document>(200),
        operation(
            "PATCH",
            "/v1/admin/sites/{site}/documents/{document}",
            "change_document",
            Team,
            "Makes a new version with the fields that are named; visitors are answered from the old one or the new one.",
        )
        .takes_up_to::<DocumentChange>(DOCUMENT_MAX_BYTES)
        .gives::<DocumentSaved>(200)
        .refuses(&[InvalidField]),
        delete(
            "/v1/admin/sites/{site}/documents/{document}",
            "delete_document",
            Team,
            "Forgets a document.",
        )
        .gives_nothing(204),
        post(
            "/v1/admin/sites/{site}/imports",
            "start_import",
            Team,
            "Imports the pages of a sitemap, in the background: adds, updates and removes the documents that came through it.",
        )
        .takes::<ImportCreate>()
        .gives::<Import>(202)
        .refuses(&[InvalidField, EgressBlocked, ImportRunning]),
        get(
            "/v1/admin/sites/{site}/imports",
            "list_imports",
            Team,
            "The imports of a site, in pages, without the pages that failed.",
        )
        .gives_pages_of::<Import>(),
        get(
            "/v1/admin/sites/{site}/imports/{import}",
            "show_import",
            Team,
            "How far an import is, and which pages failed.",
        )
        .gives::<Import>(200),
        delete(
            "/v1/admin/sites/{site}/imports/{import}",
            "cancel_import",
            Team,
            "Ends an import that runs. What was imported is kept.",
        )
        .gives_nothing(204),
        post(
            "/v1/admin/connections",
            "create_connection",
            Team,
            "Makes a connection, once a live call to it went well. A secret that is made here is shown this once.",
        )
        .takes::<ConnectionCreate>()
        .gives::<ConnectionCreated>(201)
        .refuses(&[
            InvalidField,
            EgressBlocked,
            ConnectionUnverified,
            TooManyConnections,
        ]),
        get(
            "/v1/admin/connections",
            "list_connections",
            Team,
            "The connections, in pages.",
        )
        .gives_pages_of::<Connection>(),
        get(
            "/v1/admin/connections/{connection}",
            "show_connection",
            Team,
            "A connection, without its secret.",
        )
        .gives::<Connection>(200),
        operation(
            "PATCH",
            "/v1/admin/connections/{connection}",
            "change_connection",
            Team,
            "Changes the fields that are named; another address or secret is verified first.",
        )
        .takes::<ConnectionChange>()
        .gives::<Connection>(200)
        .refuses(&[InvalidField, EgressBlocked, ConnectionUnverified]),
        delete(
            "/v1/admin/connections/{connection}",
            "delete_connection",
            Team,
            "Forgets a connection and its deliveries.",
        )
        .gives_nothing(204),
        get(
            "/v1/admin/connections/{connection}/deliveries",
            "list_deliveries",
            Team,
            "What was or is to be sent to a receiver, in pages.",
        )
        .may_ask_for("status")
        .gives_pages_of::<Delivery>(),
        post(
            "/v1/admin/connections/{connection}/deliveries/{delivery}/replay",
            "replay_delivery",
            Team,
            "Sends a delivery once more, under the same id.",
        )
        .gives::<Delivery>(200),
        get(
            "/v1/admin/conversations",
            "list_conversations",
            Team,
            "The conversations, of all sites or of one, in pages.",
        )
        .may_ask_for("site")
        .gives_pages_of::<Conversation>()
        .refuses(&[NotFound]),
        get(
            "/v1/admin/conversations/{conversation}",
            "show_conversation",
            Team,
            "A conversation, without its messages.",
        )
        .gives::<Conversation>(200),
        get(
            "/v1/admin/conversations/{conversation}/messages",
            "list_messages",
            Team,
            "The messages, in pages, in the order of their numbers.",
        )
        .gives_pages_of::<Message>(),
        post(
            "/v1/admin/conversations/{conversation}/transcript-link",
            "link_transcript",
            Team,
            "A link that gives the transcript to whoever has it, for a while.",
        )
        .may_take::<TranscriptLinkCreate>()
        .gives::<TranscriptLink>(201)
        .refuses(&[InvalidField]),
        get(
            "/v1/admin/visitors/{visitor}/export",
            "export_visitor",
            Team,
            "All that is kept of a visitor.",
        )
        .gives::<VisitorExport>(200),
        delete(
            "/v1/admin/visitors/{visitor}",
            "erase_visitor_for_team",
            Team,
            "Erases everything of a visitor.",
        )
        .gives_nothing(204),
        get(
            "/v1/admin/audit",
            "list_audit",
            Team,
            "Who did what, in pages, newest first: of all sites or of one, to everything or to one target.",
        )
        .may_ask_for("site")
        .may_ask_for("target")
        .gives_pages_of::<AuditLine>()
        .refuses(&[NotFound]),
        post(
            "/v1/admin/conversations/{conversation}/messages",
            "say_as_agent",
            Team,
            "Says something as a person; the assistant goes quiet.",
        )
        .takes::<AgentMessage>()
        .gives::<Message>(201)
        .refuses(&[InvalidField, ConversationNotCurrent]),
        post(
            "/v1/admin/conversations/{conversation}/status",
            "change_status",
            Team,
            "Takes over, hands back, closes.",
        )
        .takes::<StatusChange>()
        .gives::<Conversation>(200)
        .refuses(&[InvalidField, ConversationNotCurrent]),
        post(
            "/v1/admin/conversations/{conversation}/typing",
            "show_typing",
            Team,
            "Shows the visitor that somebody is writing, for a few seconds.",
        )
        .gives_nothing(204)
        .refuses(&[ConversationNotCurrent]),
        post(
            "/v1/admin/conversations/{conversation}/read",
            "mark_read",
            Team,
            "Shows the visitor how far the team has read.",
        )
        .takes::<ReadMark>()
        .gives_nothing(204)
        .refuses(&[ConversationNotCurrent]),
        get(
            "/v1/admin/events",
            "watch_events",
            Team,
            "What happens, as server-sent events in the shape that webhooks have, from now on or from after the header \
             `Last-Event-ID`. The event `gap` says that there is more to catch up on than is kept: read the lists.",
        )
        .gives_bytes("text/event-stream")
        .refuses(&[Code::InvalidQuery]),
        get(
            "/v1/admin/budget",
            "show_budget",
            Team,
            "What the organisation's models may use, and where the month stands.",
        )
        .gives::<BudgetState>(200)
        .refuses(&[Forbidden]),
        operation(
            "PATCH",
            "/v1/admin/budget",
            "change_budget",
            Team,
            "Changes what the organisation's models may use; 0 or null is no bound.",
        )
        .takes::<BudgetChange>()
        .gives::<BudgetState>(200)
        .refuses(&[Forbidden, InvalidField]),
        get(
            "/v1/admin/usage",
            "list_usage",
            Team,
            "The calls of models in a month, metered, in pages, latest first, and their sum. The present month unless \
             `month` names another, as 2026-11.",
        )
        .may_ask_for("site")
        .may_ask_for("month")
        .may_ask_for("limit")
        .may_ask_for("cursor")
        .gives::<UsagePage>(200)
        .refuses(&[NotFound, Code::InvalidQuery]),
        get(
            "/v1/admin/reviews",
            "list_reviews",
            Team,
            "What the team should look at: escalations, drafts, leads, in pages, newest first.",
        )
        .may_ask_for("site")
        .may_ask_for("kind")
        .may_ask_for("status")
        .gives_pages_of::<Review>()
        .refuses(&[NotFound]),
        get(
            "/v1/admin/reviews/{review}",
            "show_review",
            Team,
            "An item of the queue, with what became of it so far.",
        )
        .gives::<Review>(200),
        post(
            "/v1/admin/reviews/{review}/status",
            "change_review",
            Team,
            "Takes on, is done with, dismisses; a draft that is done is sent, as it is or as `text`.",
        )
        .takes::<ReviewChange>()
        .gives::<Review>(200)
        .refuses(&[InvalidField, ConversationNotCurrent]),
    ]
}

fn get(path: &'static str, name: &'static str, caller: Caller, summary: &'static str) -> Operation {
    operation("GET", path, name, caller, summary)
}

fn post(
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    operation("POST", path, name, caller, summary)
}

fn delete(
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    operation("DELETE", path, name, caller, summary)
}

fn file(path: &'static str, name: &'static str, summary: &'static str) -> Operation {
    Operation {
        is_file: true,
        ..get(path, name, Anybody, summary)
    }
}

fn operation(
    method: &'static str,
    path: &'static str,
    name: &'static str,
    caller: Caller,
    summary: &'static str,
) -> Operation {
    Operation {
        method,
        path,
        name,
        summary,
        caller,
        is_file: false,
        query: Vec::new(),
        takes: None,
        gives: Vec::new(),
        sets_cookie: false,
        refuses: Vec::new(),
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Operation {
    fn takes<T: JsonSchema>(self) -> Self {
        self.takes_up_to::<T>(BODY_MAX_BYTES)
    }

    fn takes_up_to<T: JsonSchema>(mut self, max_bytes: usize) -> Self {
        self.takes = Some(Body {
            content: Content::Json(schema_of::<T>),
            is_optional: false,
            max_bytes,
        });
        self
    }

    fn may_take<T: JsonSchema>(self) -> Self {
        let mut taking = self.takes::<T>();
        if let Some(body) = &mut taking.takes {
            body.is_optional = true;
        }
        taking
    }

    fn asks_for(mut self, parameter: &'static str) -> Self {
        self.query.push((parameter, true));
        self
    }

    fn may_ask_for(mut self, parameter: &'static str) -> Self {
        self.query.push((parameter, false));
        self
    }

    fn gives<T: JsonSchema>(mut self, status: u16) -> Self {
        self.gives.push((status, Content::Json(schema_of::<T>)));
        self
    }

    fn gives_pages_of<T: JsonSchema>(self) -> Self {
        self.may_ask_for("limit")
            .may_ask_for("cursor")
            .refuses(&[Code::InvalidQuery])
            .gives::<Page<T>>(200)
    }

    fn gives_nothing(mut self, status: u16) -> Self {
        self.gives.push((status, Content::Nothing));
        self
    }

    fn gives_bytes(mut self, media_type: &'static str) -> Self {
        self.gives.push((200, Content::Bytes(media_type)));
        self
    }

    fn gives_socket(mut self) -> Self {
        self.gives.push((101, Content::Socket));
        self
    }

    fn sets_cookie(mut self) -> Self {
        self.sets_cookie = true;
        self
    }

    fn refuses(mut self, codes: &[Code]) -> Self {
        self.refuses.extend(codes);
        self
    }

    /// Names of the parameters in the path, in order.
    pub fn path_parameters(&self) -> Vec<&'static str> {
        self.path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .collect()
    }

    /// The status of an answer that is not a problem.
    pub fn good_status(&self) -> u16 {
        self.gives.first().map_or(200, |(status, _)| *status)
    }

    /// Every code that it may answer: its own, and those of what it needs and takes.
    pub fn codes(&self) -> Vec<Code> {
        if self.is_file {
            return Vec::new();
        }
        let mut codes = self.refuses.clone();
        match self.caller {
            Frame => codes.push(Code::OriginNotAllowed),
            Visitor => codes.push(Code::Unauthorized),
            Team => codes.push(Code::Unauthorized),
            Anybody | HostPage => {}
        }
        if self.caller == Team && self.path.contains('{') {
            codes.push(Code::NotFound);
        }
        if self.takes.is_some() {
            codes.extend([
                Code::InvalidBody,
                Code::BodyTooLarge,
                Code::UnsupportedMediaType,
            ]);
        }
        codes.extend([Code::Internal, Code::Unavailable]);
        codes
    }
}

/// The whole description.
///
/// Source: OpenAPI Specification 3.1.1.
pub fn openapi() -> Value {
    let Described {
        paths,
        read: mut definitions,
        written,
    } = described();
    definitions.extend(written);
    let bearer = |what: &str| json!({ "type": "http", "scheme": "bearer", "description": what });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Oriel",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A chat widget for any website, and the API behind it. Errors are problem documents (RFC 9457); \
                their `code` is stable. Unknown members of a body are refused; clients ignore those of an answer.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "api_key": bearer("An API key of the organisation, or of one site."),
                "access_token": bearer("The access token of the session."),
                "subprotocol": {
                    "type": "apiKey", "in": "header", "name": "Sec-WebSocket-Protocol",
                    "description": "`oriel.v1` and the access token of the session, as the two subprotocols that are offered.",
                },
                "refresh_cookie": {
                    "type": "apiKey", "in": "cookie", "name": "__Secure-oriel-{key}",
                    "description": "Set by the session endpoints, one cookie a site; out of reach of scripts.",
                },
            },
        },
    })
}

/// The calls, and the schemas of what they carry.
struct Described {
    paths: BTreeMap<&'static str, Map<String, Value>>,
    read: Map<String, Value>,
    written: Map<String, Value>,
}

fn described() -> Described {
    // What the edge reads and what it writes differ in which members have to be there.
    let schemas = |settings: SchemaSettings| {
        settings
            .with(|settings| {
                settings.definitions_path = "/components/schemas".into();
                settings.meta_schema = None;
            })
            .into_generator()
    };
    let mut read = schemas(SchemaSettings::draft2020_12().for_deserialize());
    let mut written = schemas(SchemaSettings::draft2020_12().for_serialize());
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations() {
        let method = operation.method.to_ascii_lowercase();
        paths
            .entry(operation.path)
            .or_default()
            .insert(method, operation.describe(&mut read, &mut written));
    }
    let _named_by_hand = written.subschema_for::<ProblemDocument>();
    Described {
        paths,
        read: read.take_definitions(true),
        written: written.take_definitions(true),
    }
}

impl Operation {
    fn describe(&self, read: &mut SchemaGenerator, written: &mut SchemaGenerator) -> Value {
        let mut responses = BTreeMap::new();
        for (status, content) in &self.gives {
            let answer = self.answer(*content, read, written);
            let described = responses
                .entry(status.to_string())
                .or_insert_with(|| answer.clone());
            // One status may come in several media types.
            let types = described.get_mut("content").and_then(Value::as_object_mut);
            if let (Some(types), Some(more)) = (types, answer["content"].as_object()) {
                types.extend(more.clone());
            }
        }
        for (status, problem) in self.problems() {
            // A status may come with an answer of its own and as a problem: `readyz` says 503 with its parts.
            responses.entry(status).or_insert(problem);
        }
        let mut described = json!({
            "operationId": self.name,
            "summary": self.summary,
            "tags": [self.tag()],
            "security": self.security(),
            "responses": responses,
        });
        let parameters = self.parameters();
        if !parameters.is_empty() {
            described["parameters"] = parameters.into();
        }
        if let Some(Body {
            content: Content::Json(schema),
            is_optional,
            max_bytes,
        }) = self.takes
        {
            described["requestBody"] = json!({
                "required": !is_optional,
                "x-max-bytes": max_bytes,
                "content": { "application/json": { "schema": schema(read) } },
            });
        }
        described
    }

    fn tag(&self) -> &'static str {
        match self.caller {
            Anybody => "Anybody",
            HostPage => "Host page",
            Frame => "Frame",
            Visitor => "Visitor",
            Team => "Team",
        }
    }

    fn security(&self) -> Value {
        match (self.caller, self.name) {
            (Team, _) => json!([{ "api_key": [] }]),
            (Visitor, "open_socket") => json!([{ "subprotocol": [] }]),
            (Visitor, _) => json!([{ "access_token": [] }]),
            // The ticket is in the body.
            (Frame, _) if self.takes.is_some_and(|body| body.is_optional) => {
                json!([{ "refresh_cookie": [] }])
            }
            _ => json!([]),
        }
    }

    fn parameters(&self) -> Vec<Value> {
        let text = json!({ "type": "string" });
        let in_path = self
            .path_parameters()
            .into_iter()
            .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": text }));
        let in_query = self.query.iter().map(|(name, is_needed)| {
            let schema = match *name {
                "limit" => json!({ "type": "integer", "minimum": 1, "maximum": PAGE_ITEMS_MAX }),
                _ => text.clone(),
            };
            json!({ "name": name, "in": "query", "required": is_needed, "schema": schema })
        });
        in_path.chain(in_query).collect()
    }

    fn answer(
        &self,
        content: Content,
        read: &mut SchemaGenerator,
        written: &mut SchemaGenerator,
    ) -> Value {
        let mut answer = match content {
            Content::Nothing => json!({ "description": "Done." }),
            Content::Json(schema) => json!({
                "description": self.summary,
                "content": { "application/json": { "schema": schema(written) } },
            }),
            Content::Bytes(media_type) => {
                json!({ "description": self.summary, "content": { media_type: {} } })
            }
            Content::Socket => json!({
                "description": "A socket; each text frame is one of these.",
                "x-frames": {
                    "from_client": schema_of::<ClientFrame>(read),
                    "from_edge": schema_of::<ServerFrame>(written),
                },
            }),
        };
        if self.sets_cookie {
            answer["headers"] = json!({ "Set-Cookie": {
                "description": "The refresh cookie; empty when the session has ended.",
                "schema": { "type": "string" },
            } });
        }
        answer
    }

    /// The refusals by status. One status may stand for several codes.
    fn problems(&self) -> BTreeMap<String, Value> {
        let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
        for code in self.codes() {
            let codes = by_status.entry(code.status()).or_default();
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        by_status
            .into_iter()
            .map(|(status, codes)| {
                let words: Vec<String> = codes
                    .iter()
                    .map(|code| format!("`{}`: {}.", code.name(), code.title()))
                    .collect();
                let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
                let mut problem = json!({
                    "description": words.join(" "),
                    "content": { "application/problem+json": { "schema": {
                        "$ref": "#/components/schemas/ProblemDocument",
                        "properties": { "status": { "const": status }, "code": { "enum": names } },
                    } } },
                });
                if status == Code::RateLimited.status() {
                    problem["headers"] = json!({ "Retry-After": {
                        "description": "Seconds to wait.",
                        "schema": { "type": "integer", "minimum": 1 },
                    } });
                }
                (status.to_string(), problem)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_call_has_a_name_and_an_address_of_its_own() {
        let operations = operations();
        let names: HashSet<_> = operations.iter().map(|operation| operation.name).collect();
        let addresses: HashSet<_> = operations
            .iter()
            .map(|operation| (operation.method, operation.path))
            .collect();
        assert_eq!(names.len(), operations.len());
        assert_eq!(addresses.len(), operations.len());
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = openapi();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50, "{}", found.len());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn unknown_members_are_refused_in_what_is_read_and_allowed_in_what_is_written() {
        let document = openapi();
        let schema = |content: &Value| {
            let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
            document
                .pointer(reference.trim_start_matches('#'))
                .cloned()
                .unwrap_or_default()
        };
        let mut n_read = 0;
        for operation in document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, path)| path.as_object().into_iter().flatten())
            .map(|(_, operation)| operation)
        {
            let name = &operation["operationId"];
            if let Some(body) = operation.pointer("/requestBody/content/application~1json") {
                let schema = schema(body);
                // An object, or one of several.
                let forms = schema["oneOf"]
                    .as_array()
                    .map_or_else(|| std::slice::from_ref(&schema).to_vec(), Clone::clone);
                for form in forms {
                    let is_closed = ["additionalProperties", "unevaluatedProperties"]
                        .iter()
                        .any(|word| form.get(word) == Some(&Value::Bool(false)));
                    assert!(is_closed, "{name}: {form}");
                }
                n_read += 1;
            }
            for answer in operation["responses"]
                .as_object()
                .into_iter()
                .flat_map(Map::values)
            {
                if let Some(body) = answer.pointer("/content/application~1json") {
                    assert_eq!(schema(body).get("additionalProperties"), None, "{name}");
                }
            }
        }
        let n_taking = operations()
            .iter()
            .filter(|operation| operation.takes.is_some())
            .count();
        assert_eq!(n_read, n_taking);
    }

    #[test]
    fn a_type_that_is_read_and_written_has_one_schema() {
        let Described { read, written, .. } = described();
        let shared: Vec<_> = read
            .iter()
            .filter(|(name, _)| written.contains_key(*name))
            .collect();
        assert!(shared.len() >= 3, "{shared:?}");
        for (name, schema) in shared {
            assert_eq!(schema, &written[name], "{name}");
        }
    }
}
