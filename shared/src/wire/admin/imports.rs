//! Sitemaps on their way to becoming documents.

use serde::{Deserialize, Serialize};

use crate::event::Action;
use crate::id::{ImportId, Rfc3339};
use crate::wire::api::declaration::{delete, get, post};
use crate::wire::problem::Code::{EgressBlocked, ImportRunning, InvalidField};

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

endpoints!(
    imports,
    admin::imports::start(Team) = post("/v1/admin/sites/{site}/imports", "start_import")
        .summary(
            "Imports the pages of a sitemap, in the background: adds, updates and removes the documents that came through it.",
        )
        .audits(Action("document.change"))
        .body::<ImportCreate>()
        .replies::<Import>(202)
        .problems(&[InvalidField, EgressBlocked, ImportRunning]),
    admin::imports::list(Team) = get("/v1/admin/sites/{site}/imports", "list_imports")
        .summary("The imports of a site, in pages, without the pages that failed.")
        .replies_page_of::<Import>(),
    admin::imports::show(Team) = get("/v1/admin/sites/{site}/imports/{import}", "show_import")
        .summary("How far an import is, and which pages failed.")
        .replies::<Import>(200),
    admin::imports::cancel(Team) = delete("/v1/admin/sites/{site}/imports/{import}", "cancel_import")
        .summary("Ends an import that runs. What was imported is kept.")
        .audits(Action("document.change"))
        .replies_nothing(),
);
