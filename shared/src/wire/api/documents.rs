//! What the assistant knows: documents, and imports of them.

use super::declaration::{delete, get, patch, post};
use crate::event::Action;
use crate::wire::DOCUMENT_MAX_BYTES;
use crate::wire::admin::{
    Document, DocumentChange, DocumentCreate, DocumentSaved, Import, ImportCreate,
};
use crate::wire::problem::Code::{EgressBlocked, ImportRunning, InvalidField, PageUnreadable};

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
