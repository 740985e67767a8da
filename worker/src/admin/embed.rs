//! The embed code of a site: the pinned snippet, and the lines that the host page's Content Security Policy needs.

use oriel_shared::snippet;
use oriel_shared::wire::admin::{CspLine, Embed};

use super::Call;
use crate::http::response::{HandlerResult, HttpReply};
use crate::visitor::assets;

/// Shows the embed code.
pub async fn show(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let manifest = assets::manifest(call.env()).await?;
    let edge = call.edge();
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
