//! Files, which the platform serves without asking the worker. They have no handler, and are declared for the
//! description.

use super::declaration::get;
use super::endpoint::{Caller, Endpoint};
use crate::wire::embed::{MANIFEST_PATH, Manifest};

/// Where the description is served.
pub const DESCRIPTION_PATH: &str = "/v1/openapi.json";
/// Where the types of the page's API are served.
pub const TYPES_PATH: &str = "/oriel.d.ts";

/// The files.
pub static FILES: &[Endpoint] = &[
    get(DESCRIPTION_PATH, "describe")
        .summary("This description.")
        .replies_bytes("application/json")
        .by(Caller::Anybody),
    get("/oriel.js", "rolling_loader")
        .summary("The loader, without a pin.")
        .replies_bytes("text/javascript")
        .by(Caller::Anybody),
    get(TYPES_PATH, "types")
        .summary("The types of the page's API, for TypeScript.")
        .replies_bytes("text/plain")
        .by(Caller::Anybody),
    get(MANIFEST_PATH, "manifest")
        .summary("The files of this build and their integrity.")
        .replies::<Manifest>(200)
        .by(Caller::Anybody),
    get("/assets/{file}", "asset")
        .summary("A file that is named by its own hash, for good.")
        .replies_bytes("application/octet-stream")
        .by(Caller::Anybody),
];
