//! What a site's assistant knows: documents in the main database, their passages in the index.
//!
//! Keeps true: a visitor is answered from a whole version of a document, the old one or the new one. The row goes first
//! and counts the version up, only from the one that was read. The index follows in one transaction, which names that
//! version and gives way to a newer one and to a deletion (`store/passages/`). So whatever fails in between leaves the
//! old passages, and saving the document once more finds the index behind and brings it up.

mod documents;
mod draft;
pub mod page;

use worker::Env;

pub use self::documents::{Saved, SiteDocuments, recut};
pub use self::draft::{DocumentEdit, Draft, FetchedPage};
use crate::calls;
use crate::store::imports::ImportJob;
use crate::store::sites::OwnedSite;

/// Has the vectors of a site's passages made in the background. Nothing waits for that, and nothing fails with it.
pub async fn want_vectors(env: &Env, owned: &OwnedSite) {
    let job = ImportJob {
        org: owned.org.clone(),
        site: owned.site.id.clone(),
    };
    if let Err(problem) = calls::wake_importer(env, &job).await {
        let line = serde_json::json!({ "event": "importer_not_woken", "cause": problem.cause() });
        worker::console_error!("{line}");
    }
}
