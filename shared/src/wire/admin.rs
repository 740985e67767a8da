//! What the team and its programs say to the management API.

use serde::{Deserialize, Deserializer, Serialize};

use super::look::{Prechat, Theme};
use super::site::{Answers, Hours, Model};
use super::visitor::{Message, PageContext, Status};
use super::webhook::EventKind;
use crate::id::{
    ConnectionId, ConversationId, DeliveryId, DocumentId, EventId, ImportId, Rfc3339, Seq, SiteId,
    VisitorId,
};

/// Items on a page at the most.
pub const PAGE_ITEMS_MAX: u32 = 100;

/// A page of a list. `next_cursor` is absent on the last page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(rename = "{T}Page")
)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Hand back as `?cursor=` for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// How a site admits visitors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By the origin of the host page.
    #[default]
    Safelist,
    /// By a visitor token that the customer's backend signed, and by the safelist if there is one.
    Signed,
}

/// `POST /v1/admin/sites` and `PATCH /v1/admin/sites/{id}`: fields that are absent keep their value, or take the
/// default on creation. Only `name` is needed to create.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    /// What visitors see on top of the chat, 1 to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How visitors are admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Origins: `https://example.com`, `example.com`, `*.example.com`, `http://localhost:3000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safelist: Option<Vec<String>>,
    /// A site is disabled when made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Longest life of a signed visitor token, seconds; at most 86,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_ttl_max: Option<u32>,
    /// How much visitors may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsChange>,
    /// First words of the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// Tells visitors that an assistant answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<String>,
    /// How the assistant answers; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// The language model, if any; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Model>,
    /// When the team is there; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Colours and shapes; replaced whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// Language of the chat for visitors whose page and browser ask for none, as BCP 47 writes it; null for the widget's own.
    #[serde(
        default,
        deserialize_with = "or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub locale: Option<Option<String>>,
    /// Questions that are suggested in an empty chat, up to 4 of up to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Vec<String>>,
    /// The form before the first message; null for none.
    #[serde(
        default,
        deserialize_with = "or_null",
        skip_serializing_if = "Option::is_none"
    )]
    pub prechat: Option<Option<Prechat>>,
    /// Days until a conversation that rests is deleted, at most 3,650; 0 keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// A member that null takes away: present, and nothing.
fn or_null<'de, D, T>(from: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

/// How much the visitors of a site may ask for. The ceilings are [`Limits::CEILING`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Limits {
    /// Messages of one visitor at once.
    pub message_burst: u32,
    /// Messages of one visitor in a minute, after the burst.
    pub messages_per_minute: u32,
    /// Messages of one visitor in a day.
    pub messages_per_day: u32,
    /// Tickets for one address (IPv6: one /64) in a minute, as many at once; the site's own limit is
    /// [`Limits::SITE_FACTOR`] times that.
    pub tickets_per_minute: u32,
}

impl Limits {
    /// A person cannot type faster; an office behind one address opens fewer chats.
    pub const DEFAULT: Self = Self {
        message_burst: 30,
        messages_per_minute: 60,
        messages_per_day: 2_000,
        tickets_per_minute: 60,
    };
    /// What no site may exceed: about what one object can count, so that a limit is always one that holds.
    pub const CEILING: Self = Self {
        message_burst: 10_000,
        messages_per_minute: 60_000,
        messages_per_day: 10_000_000,
        tickets_per_minute: 60_000,
    };
    /// A hundred addresses at their limit are a busy site or an attack from many places; more is an attack.
    pub const SITE_FACTOR: u32 = 100;

    /// Takes over what a change names.
    pub fn apply(&mut self, change: &LimitsChange) {
        self.message_burst = change.message_burst.unwrap_or(self.message_burst);
        self.messages_per_minute = change
            .messages_per_minute
            .unwrap_or(self.messages_per_minute);
        self.messages_per_day = change.messages_per_day.unwrap_or(self.messages_per_day);
        self.tickets_per_minute = change.tickets_per_minute.unwrap_or(self.tickets_per_minute);
    }

    /// The first field that is zero or over its ceiling, by name, with the ceiling.
    pub fn first_fault(&self) -> Option<(&'static str, u32)> {
        let (limits, ceiling) = (self, Self::CEILING);
        [
            ("message_burst", limits.message_burst, ceiling.message_burst),
            (
                "messages_per_minute",
                limits.messages_per_minute,
                ceiling.messages_per_minute,
            ),
            (
                "messages_per_day",
                limits.messages_per_day,
                ceiling.messages_per_day,
            ),
            (
                "tickets_per_minute",
                limits.tickets_per_minute,
                ceiling.tickets_per_minute,
            ),
        ]
        .into_iter()
        .find(|&(_, value, ceiling)| value == 0 || value > ceiling)
        .map(|(name, _, ceiling)| (name, ceiling))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Limits to change; those that are absent keep their value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitsChange {
    /// See [`Limits::message_burst`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_burst: Option<u32>,
    /// See [`Limits::messages_per_minute`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages_per_minute: Option<u32>,
    /// See [`Limits::messages_per_day`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages_per_day: Option<u32>,
    /// See [`Limits::tickets_per_minute`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets_per_minute: Option<u32>,
}

/// A site as the management API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Site {
    /// For the management API.
    pub id: SiteId,
    /// Public key, in the embed code.
    pub key: String,
    /// What visitors see on top of the chat.
    pub name: String,
    /// How visitors are admitted.
    pub mode: Mode,
    /// Origins that may embed.
    pub safelist: Vec<String>,
    /// Whether visitors can reach it.
    pub enabled: bool,
    /// Longest life of a signed visitor token, seconds.
    pub token_ttl_max: u32,
    /// How much visitors may ask for.
    pub limits: Limits,
    /// First words of the chat.
    pub greeting: String,
    /// Tells visitors that an assistant answers.
    pub disclosure: String,
    /// How the assistant answers.
    pub answers: Answers,
    /// The language model, if any.
    pub model: Model,
    /// When the team is there.
    pub hours: Hours,
    /// Colours and shapes.
    #[serde(default)]
    pub theme: Theme,
    /// Language of the chat, when the site has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Questions that are suggested in an empty chat.
    #[serde(default)]
    pub suggestions: Vec<String>,
    /// The form before the first message, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prechat: Option<Prechat>,
    /// Days until a conversation that rests is deleted; 0 keeps it.
    pub retention_days: u32,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// Answer to `POST /v1/admin/sites/{id}/signing-keys`. The only time that the secret is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct SigningKeyCreated {
    /// Names the key in a token's header.
    pub kid: String,
    /// HMAC key as text; sign with its UTF-8 bytes.
    pub secret: String,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentFormat {
    /// CommonMark.
    #[default]
    Markdown,
    /// Plain text, blank lines between paragraphs.
    Text,
    /// A web page or a piece of one; its text is read as that of an imported page.
    Html,
}

/// `POST /v1/admin/sites/{id}/documents`. A page that was imported before is updated in its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DocumentCreate {
    /// Shown with every answer that rests on it, 1 to 200 characters. Needed with `content`; a page has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How `content` is written, Markdown unless it says otherwise. A page says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<DocumentFormat>,
    /// The document, at most 2 MiB with the rest of the body. Absent: the page at `url` is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Where visitors can read it, `https` or `http`; to be fetched, `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `PATCH /v1/admin/sites/{id}/documents/{id}`: fields that are absent keep their value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DocumentChange {
    /// See [`DocumentCreate::title`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// See [`DocumentCreate::format`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<DocumentFormat>,
    /// Replaces the document's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Where visitors can read it. It is not fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A document as the management API shows it; the content only when one is asked for by id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Document {
    /// For the management API.
    pub id: DocumentId,
    /// Shown with every answer that rests on it.
    pub title: String,
    /// How it is written.
    pub format: DocumentFormat,
    /// Where visitors can read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The page that it was imported from. Importing that address again updates this document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The document as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// How many passages the index holds of it.
    pub passages: u32,
    /// 1 when it was made, and one more with every change.
    pub version: u32,
    /// When it was made.
    pub created_at: Rfc3339,
    /// When its latest version was made.
    pub updated_at: Rfc3339,
}

/// What came of saving a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentOutcome {
    /// There is a new document.
    Added,
    /// There is a new version.
    Changed,
    /// It said the same already; nothing was written.
    Unchanged,
}

/// Answer to `POST` and `PATCH` of documents.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct DocumentSaved {
    /// The document, without its content.
    #[serde(flatten)]
    pub document: Document,
    /// What came of it.
    pub outcome: DocumentOutcome,
}

/// `POST /v1/admin/sites/{id}/imports`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportCreate {
    /// Address of the sitemap, or of an index of sitemaps, `https`.
    pub sitemap: String,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Pages are being fetched.
    Running,
    /// Every page is dealt with; those that failed are named.
    Finished,
    /// The sitemap itself could not be read; nothing was changed.
    Failed,
    /// The team ended it. What was imported until then is kept.
    Cancelled,
}

/// Why something could not be imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ImportFault {
    /// A problem's stable code.
    pub code: String,
    /// One sentence for a person. May change.
    pub detail: String,
}

/// A page that could not be imported. A document that it became before is kept as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ImportFailure {
    /// Its address, as the sitemap has it.
    pub url: String,
    /// Why.
    #[serde(flatten)]
    pub fault: ImportFault,
}

/// A sitemap on its way to becoming documents.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Import {
    /// For the management API.
    pub id: ImportId,
    /// Address of the sitemap.
    pub sitemap: String,
    /// Where it stands.
    pub status: ImportStatus,
    /// Pages that the sitemap lists; 0 until it has been read.
    pub found: u32,
    /// Pages that are dealt with: the sum of added, changed, unchanged and failed.
    pub done: u32,
    /// Pages that became new documents.
    pub added: u32,
    /// Pages whose documents got a new version.
    pub changed: u32,
    /// Pages that say what they said before.
    pub unchanged: u32,
    /// Pages that could not be imported.
    pub failed: u32,
    /// Pages past the 200th, which are left as they are.
    pub skipped: u32,
    /// Documents that were removed, because the sitemap does not list their pages any more.
    pub removed: u32,
    /// Why the whole import failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<ImportFault>,
    /// The pages that failed; only when the import is asked for by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<Vec<ImportFailure>>,
    /// When it was asked for.
    pub created_at: Rfc3339,
    /// When it last came forward.
    pub updated_at: Rfc3339,
}

/// Answer to `GET /v1/admin/sites/{id}/embed`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Embed {
    /// The script tag to paste before `</body>`.
    pub snippet: String,
    /// Integrity of the loader that the snippet pins.
    pub integrity: String,
    /// What the host page's Content-Security-Policy must allow, and nothing more.
    pub csp: Vec<CspLine>,
}

/// One directive and the source that it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct CspLine {
    /// `script-src`, `frame-src`, …
    pub directive: String,
    /// Source expression to add to it.
    pub source: String,
}

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

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// Is told what happens, by signed requests.
    Webhook,
    /// An OpenAI-compatible API.
    Model,
}

/// `POST /v1/admin/connections`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionCreate {
    /// What it is for.
    pub kind: ConnectionKind,
    /// Held to this site; absent for all sites of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Where requests go, `https`, at most 2,000 characters.
    pub url: String,
    /// For webhooks: names of what the receiver is told. Absent means everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// For webhooks `whsec_` and base64, made here when absent; for models the API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// `PATCH /v1/admin/connections/{id}`: fields that are absent keep their value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionChange {
    /// Where requests go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// For webhooks: names of what the receiver is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Replaces the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Whether requests are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A connection as the management API shows it. Its secret has no way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Connection {
    /// For the management API.
    pub id: ConnectionId,
    /// What it is for.
    pub kind: ConnectionKind,
    /// Held to this site; absent for all sites of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Where requests go.
    pub url: String,
    /// For webhooks: what the receiver is told. Empty for models.
    pub events: Vec<EventKind>,
    /// Whether requests are sent. A receiver that answers 410 ends them.
    pub enabled: bool,
    /// When the last live check succeeded.
    pub verified_at: Rfc3339,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// Answer to `POST /v1/admin/connections`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ConnectionCreated {
    /// The connection.
    #[serde(flatten)]
    pub connection: Connection,
    /// The secret that was made here, shown this once. Absent when the caller brought one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Waits for its first or next attempt.
    Due,
    /// The receiver took it.
    Delivered,
    /// Every attempt failed; it can be replayed.
    Parked,
}

/// One event on its way to one connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// The `webhook-id` of every attempt.
    pub id: DeliveryId,
    /// What happened. The same for every connection that is told.
    pub event_id: EventId,
    /// Its kind.
    pub event: EventKind,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Attempts so far, since the last replay.
    pub attempts: u32,
    /// When the next attempt is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Rfc3339>,
    /// What came of the last attempt: `answered_500`, `timeout`, `special_address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When it was made.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}

/// A page of messages has the shape that the visitor saw.
pub type MessagePage = Page<Message>;
