//! What the assistant knows, document by document.

use serde::{Deserialize, Serialize};

use crate::event::Action;
use crate::id::{DocumentId, Rfc3339};
use crate::wire::DOCUMENT_MAX_BYTES;
use crate::wire::api::declaration::{delete, get, patch, post};
use crate::wire::problem::Code::{EgressBlocked, InvalidField, PageUnreadable};

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

endpoints!(
    documents,
    admin::documents::create(Team) = post("/v1/admin/sites/{site}/documents", "create_document")
        .summary(
            "Adds to what the assistant knows. A page that was imported before is updated in its place: 200, and whether \
             it had changed.",
        )
        .audits(Action("document.create"))
        .body_up_to::<DocumentCreate>(DOCUMENT_MAX_BYTES)
        .replies::<DocumentSaved>(201)
        .replies::<DocumentSaved>(200)
        .problems(&[InvalidField, EgressBlocked, PageUnreadable]),
    admin::documents::list(Team) = get("/v1/admin/sites/{site}/documents", "list_documents")
        .summary("The documents of a site, in pages, without their content.")
        .replies_page_of::<Document>(),
    admin::documents::show(Team) = get("/v1/admin/sites/{site}/documents/{document}", "show_document")
        .summary("A document with its content.")
        .replies::<Document>(200),
    admin::documents::change(Team) = patch("/v1/admin/sites/{site}/documents/{document}", "change_document")
        .summary(
            "Makes a new version with the fields that are named; visitors are answered from the old one or the new one.",
        )
        .audits(Action("document.change"))
        .body_up_to::<DocumentChange>(DOCUMENT_MAX_BYTES)
        .replies::<DocumentSaved>(200)
        .problems(&[InvalidField]),
    admin::documents::delete(Team) = delete("/v1/admin/sites/{site}/documents/{document}", "delete_document")
        .summary("Forgets a document.")
        .audits(Action("document.delete"))
        .replies_nothing(),
);
