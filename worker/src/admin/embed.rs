//! What a site owner pastes: the pinned snippet, and the lines that the host page's policy needs.

use oriel_shared::wire::admin::{CspLine, Embed};

use super::Call;
use crate::http::answer::{Answer, Outcome};
use crate::visitor::assets;

/// `GET /v1/admin/sites/{id}/embed`
pub async fn show(call: Call<'_>, site: &str) -> Outcome {
    let owned = call.site(site).await?;
    let manifest = assets::manifest(call.env).await?;
    let edge = call.url.origin().ascii_serialization();
    let loader = &manifest.loader;
    // Every part is made of characters that need no escaping in an attribute.
    let snippet = format!(
        "<script async src=\"{edge}{}\" integrity=\"{}\" crossorigin=\"anonymous\" data-site=\"{}\"></script>",
        loader.path, loader.integrity, owned.site.key
    );
    let csp = ["script-src", "connect-src", "frame-src"].map(|directive| CspLine {
        directive: directive.to_owned(),
        source: edge.clone(),
    });
    Answer::ok(&Embed {
        snippet,
        integrity: loader.integrity.clone(),
        csp: csp.into(),
    })
}
