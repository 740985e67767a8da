//! The calls that the edge answers, as data: who may make them, what they carry and what they answer. And the same as
//! OpenAPI 3.1, with the schemas of the types that are really read and written.
//!
//! The worker routes by hand (`worker/src/routes.rs`); a test there holds its table and this one to each other, both
//! ways. Nothing here is part of what is deployed but the document that the build writes from it.
//!
//! - `operation`: what is said of one call
//! - `anybody`, `visitor`, `team`: the calls, by who makes them
//! - `openapi`: the description

mod anybody;
mod openapi;
mod operation;
mod team;
mod visitor;

pub use openapi::openapi;
pub use operation::{Body, Caller, Operation};

/// Where the description is served.
pub const DESCRIPTION_PATH: &str = "/v1/openapi.json";
/// Where the types of the page's API are served.
pub const TYPES_PATH: &str = "/oriel.d.ts";

/// Every call, grouped by who makes it.
pub fn operations() -> Vec<Operation> {
    [anybody::calls(), visitor::calls(), team::calls()]
        .into_iter()
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_call_has_a_name_and_an_address_of_its_own() {
        let operations = operations();
        let names: HashSet<_> = operations.iter().map(|operation| operation.name).collect();
        let addresses: HashSet<_> = operations
            .iter()
            .map(|operation| (operation.method, operation.path))
            .collect();
        assert_eq!(names.len(), operations.len());
        assert_eq!(addresses.len(), operations.len());
    }
}
