//! The audit trail: what was done to an organisation's things, and by whom.

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, AuditId, Rfc3339, SiteId};
use crate::wire::api::declaration::{get, optional};
use crate::wire::problem::Code::NotFound;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditActor {
    /// A program of the team.
    ApiKey,
    /// Whoever has a link that a key of the team made.
    Link,
    /// A visitor, of what is theirs.
    Visitor,
    /// The edge itself, when a time was over.
    Edge,
}

/// A line of the audit trail: something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct AuditLine {
    /// Names the line.
    pub id: AuditId,
    /// When.
    pub at: Rfc3339,
    /// Who.
    pub actor: AuditActor,
    /// The key that did it, or that made the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ApiKeyId>,
    /// What, by the names of the security log.
    pub action: String,
    /// The site, when it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// To what: its id, or `hash_…` for what is a visitor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// To how many, when not to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

endpoints!(
    audit,
    admin::audit::list(Team) = get("/v1/admin/audit", "list_audit")
        .summary(
            "Who did what, in pages, newest first: of all sites or of one, to everything or to one target.",
        )
        .query(&[optional("site"), optional("target")])
        .replies_page_of::<AuditLine>()
        .problems(&[NotFound]),
);
