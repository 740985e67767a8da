//! The manifest of the build that is deployed with this worker, read from its assets once per instance.

use std::cell::RefCell;

use oriel_shared::wire::embed::{MANIFEST_PATH, Manifest};
use worker::Env;

use crate::http::problem::Problem;

thread_local! {
    static MANIFEST: RefCell<Option<Manifest>> = const { RefCell::new(None) };
}

/// The manifest.
///
/// # Errors
/// A [`Problem`] of ours when there is none: the worker was deployed without `cargo xtask bundle`.
pub async fn manifest(env: &Env) -> Result<Manifest, Problem> {
    if let Some(manifest) = MANIFEST.with_borrow(Clone::clone) {
        return Ok(manifest);
    }
    // The binding ignores the host: it serves this worker's own files.
    let mut response = env
        .assets("ASSETS")?
        .fetch(format!("https://assets{MANIFEST_PATH}"), None)
        .await?;
    if response.status_code() != 200 {
        return Err(Problem::ours(
            "manifest",
            &format!("the assets answered {}", response.status_code()),
        ));
    }
    let manifest: Manifest = serde_json::from_str(&response.text().await?)?;
    MANIFEST.set(Some(manifest.clone()));
    Ok(manifest)
}
