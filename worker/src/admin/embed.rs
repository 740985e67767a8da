//! What a site owner pastes: the pinned snippet, and the lines that the host page's policy needs.

use oriel_shared::snippet;
use oriel_shared::wire::admin::{CspLine, Embed};

use super::Call;
use crate::http::response::{HandlerResult, HttpReply};
use crate::visitor::assets;

/// `GET /v1/admin/sites/{id}/embed`
pub async fn show(call: Call<'_>, site: &str) -> HandlerResult {
    let owned = call.site(site).await?;
    let manifest = assets::manifest(call.env).await?;
    let edge = call.url.origin().ascii_serialization();
    let loader = &manifest.loader;
    let csp = ["script-src", "connect-src", "frame-src"].map(|directive| CspLine {
        directive: directive.to_owned(),
        source: edge.clone(),
    });
    HttpReply::ok(&Embed {
        snippet: snippet::snippet(&edge, loader, &owned.site),
        integrity: loader.integrity.clone(),
        csp: csp.into(),
    })
}
