//! The management API: what the team and its programs say to it and hear from it, a file for each resource, with the
//! endpoints that carry it (`api` says how they are declared).

mod audit;
mod connections;
mod conversations;
mod documents;
mod imports;
mod limits;
mod reviews;
mod sites;
mod usage;
mod visitors;

use serde::{Deserialize, Serialize};

pub use audit::{AuditActor, AuditLine};
pub use connections::{
    Connection, ConnectionChange, ConnectionCreate, ConnectionCreated, ConnectionKind, Delivery,
    DeliveryStatus,
};
pub use conversations::{AgentMessage, Conversation, ReadMark, StatusChange};
pub use documents::{
    Document, DocumentChange, DocumentCreate, DocumentFormat, DocumentOutcome, DocumentSaved,
};
pub use imports::{Import, ImportCreate, ImportFailure, ImportFault, ImportStatus};
pub use limits::{Limits, LimitsChange};
pub use sites::{CspLine, Embed, Mode, SigningKeyCreated, Site, SiteChange};
pub use visitors::{ExportedConversation, SessionTimes, VisitorExport};

endpoint_areas!(
    team_handlers,
    sites,
    documents,
    imports,
    connections,
    conversations,
    visitors,
    audit,
    reviews,
    usage,
);

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
