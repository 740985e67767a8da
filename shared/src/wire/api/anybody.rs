//! Calls of anybody: nothing is asked for, or what is asked for is in the address.

use super::operation::Caller::Anybody;
use super::operation::{Operation, file, get};
use super::{DESCRIPTION_PATH, TYPES_PATH};
use crate::wire::embed::{MANIFEST_PATH, Manifest};
use crate::wire::health::{Alive, Readiness};
use crate::wire::problem::Code::{NotFound, RateLimited, SiteNotFound, TokenExpired, TokenInvalid};
use crate::wire::transcript::Transcript;

pub(super) fn calls() -> Vec<Operation> {
    vec![
        get("/healthz", "alive", Anybody, "Whether the edge runs.").gives::<Alive>(200),
        get("/readyz", "ready", Anybody, "Whether its parts answer.")
            .gives::<Readiness>(200)
            .gives::<Readiness>(503),
        get(
            "/.well-known/security.txt",
            "security_contact",
            Anybody,
            "Whom to tell about a weakness.",
        )
        .gives_bytes("text/plain"),
        file(DESCRIPTION_PATH, "describe", "This description.").gives_bytes("application/json"),
        file("/oriel.js", "rolling_loader", "The loader, without a pin.")
            .gives_bytes("text/javascript"),
        file(
            TYPES_PATH,
            "types",
            "The types of the page's API, for TypeScript.",
        )
        .gives_bytes("text/plain"),
        file(
            MANIFEST_PATH,
            "manifest",
            "The files of this build and their integrity.",
        )
        .gives::<Manifest>(200),
        file(
            "/assets/{file}",
            "asset",
            "A file that is named by its own hash, for good.",
        )
        .gives_bytes("application/octet-stream"),
        get(
            "/frame",
            "show_frame",
            Anybody,
            "The chat, for the site's pages to frame.",
        )
        .asks_for("site")
        .may_ask_for("lang")
        .gives_bytes("text/html")
        .refuses(&[SiteNotFound]),
        get(
            "/v1/downloads/{token}",
            "download_transcript",
            Anybody,
            "The transcript that a link gives.",
        )
        .gives::<Transcript>(200)
        .gives_bytes("text/plain")
        .refuses(&[TokenInvalid, TokenExpired, NotFound, RateLimited]),
    ]
}
