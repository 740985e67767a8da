//! What the team and its programs say to the management API, a file for each kind of thing.

mod audit;
mod connections;
mod conversations;
mod documents;
mod imports;
mod limits;
mod sites;
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
