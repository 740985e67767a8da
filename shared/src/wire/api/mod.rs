//! The endpoints of the edge, each declared once: how it is called and by whom, what the logs hear of it, what it reads
//! and answers, and which function of the worker handles it.
//!
//! Everything else follows from the declarations. `worker/src/endpoints/` finds the endpoint of a request, checks who
//! calls and what is asked for, and has it handled; with the feature `describe`, [`openapi()`] describes them all in
//! OpenAPI 3.1, with the schemas of the types that are really read and written; and the tests walk that description.
//!
//! - `declaration`: the words in which endpoints are declared
//! - `endpoint`, `path`: what is known of an endpoint then
//! - `declare`: the macros that make tables of declarations, for this crate and for the worker
//! - `service`, `embed`, `chat`, `own_data`: the endpoints of anybody, of host pages and of visitors; those of the team
//!   are declared in [`crate::wire::admin`], each beside its types
//! - `files`: what the platform serves without asking the worker
//! - `description`, `codes`, `openapi`: the description

#[macro_use]
mod declare;

mod chat;
#[cfg(feature = "describe")]
mod codes;
pub(super) mod declaration;
#[cfg(feature = "describe")]
mod description;
mod embed;
mod endpoint;
mod files;
#[cfg(feature = "describe")]
mod openapi;
mod own_data;
mod path;
mod service;
#[cfg(test)]
mod tests;

use super::admin;
pub use endpoint::{Body, Caller, Endpoint, Log, Method, Parameter};
pub use files::{DESCRIPTION_PATH, FILES, TYPES_PATH};
#[cfg(feature = "describe")]
pub use openapi::openapi;
pub use path::Path;

endpoint_areas!(visitor_handlers, service, embed, chat, own_data,);

/// Every endpoint that the worker answers.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    AREAS.iter().chain(admin::AREAS).copied().flatten()
}
