//! What the team and its programs say to the management API, a file for each kind of thing.

mod connections;
mod conversations;
mod documents;
mod imports;
mod limits;
mod sites;

use serde::{Deserialize, Serialize};

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
