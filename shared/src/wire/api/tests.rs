//! What holds for every declaration and for the description that is made of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::openapi::{Described, described};
use super::*;
use crate::event::Action;

fn described_endpoints() -> impl Iterator<Item = &'static Endpoint> {
    endpoints().chain(FILES)
}

#[test]
fn every_endpoint_has_a_name_an_address_and_a_summary_of_its_own() {
    let n = described_endpoints().count();
    let preflights = described_endpoints().filter_map(|endpoint| endpoint.description.preflight);
    let names: Vec<_> = described_endpoints()
        .map(|endpoint| endpoint.name)
        .chain(preflights.map(|(name, _)| name))
        .collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let addresses: BTreeSet<_> = described_endpoints()
        .map(|endpoint| (endpoint.method.name(), endpoint.path.as_str()))
        .collect();
    assert_eq!(addresses.len(), n);
    for endpoint in described_endpoints() {
        let name = endpoint.name;
        assert!(endpoint.description.summary.ends_with('.'), "{name}");
        assert!(endpoint.description.replies().next().is_some(), "{name}");
        assert!(endpoint.path.as_str().starts_with('/'), "{name}");
    }
}

#[test]
fn no_address_is_two_endpoints_of_one_method() {
    for endpoint in endpoints() {
        let path = endpoint.path.as_str().trim_start_matches('/');
        let n_segments = path.split('/').count();
        let found: Vec<_> = endpoints()
            .filter(|other| other.method == endpoint.method && other.path.matches(path, n_segments))
            .map(|other| other.name)
            .collect();
        assert_eq!(found, [endpoint.name]);
    }
}

#[test]
fn what_a_declaration_says_of_its_caller_fits_the_rest_of_it() {
    for endpoint in endpoints() {
        let (name, caller) = (endpoint.name, endpoint.caller);
        let is_team = caller == Caller::Team;
        assert_eq!(
            endpoint.path.as_str().starts_with("/v1/admin/"),
            is_team,
            "{name}"
        );
        assert!(is_team || !endpoint.is_organisation_wide, "{name}");
        assert!(
            is_team || endpoint.log.is_none_or(|log| !log.is_audited),
            "{name}"
        );
        // What the team does is in the log, and a declaration says by which name.
        assert!(
            !is_team || endpoint.log.is_some(),
            "{name}: its action is not declared"
        );
        assert!(!endpoint.is_socket || caller == Caller::Visitor, "{name}");
        let is_host_page = caller == Caller::HostPage;
        assert_eq!(
            endpoint.description.preflight.is_some(),
            is_host_page,
            "{name}"
        );
        if is_host_page {
            assert_eq!(
                endpoint.path.parameter("v1/sites/pk_a/tickets", "key"),
                Some("pk_a")
            );
        }
    }
}

#[test]
fn the_page_about_the_log_names_every_action_and_no_other() {
    let page = include_str!("../../../../docs/security-log.md");
    let list = page.split("## Actions").nth(1).unwrap_or_default();
    let list = list.split("\n## ").next().unwrap_or_default();
    let explained: BTreeSet<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(" | ").next())
        .flat_map(|names| names.trim_end_matches('`').split("`, `"))
        .collect();
    let logged: BTreeSet<&str> = endpoints()
        .filter_map(|endpoint| endpoint.log)
        .map(|log| log.action.name())
        .chain(Action::OF_THE_EDGE.iter().map(|action| action.name()))
        .collect();
    assert_eq!(logged, explained);
}

#[test]
fn a_list_takes_its_page_and_an_endpoint_no_parameter_that_it_does_not_declare() {
    let reviews = endpoints().find(|endpoint| endpoint.name == "list_reviews");
    let reviews = reviews.expect("it is declared");
    let names: Vec<_> = reviews
        .parameters()
        .map(|parameter| parameter.name)
        .collect();
    assert_eq!(names, ["site", "kind", "status", "limit", "cursor"]);
    assert!(reviews.takes_parameter("kind") && !reviews.takes_parameter("colour"));
}

#[test]
fn every_reference_leads_to_a_schema() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = openapi();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn unknown_members_are_refused_in_what_is_read_and_allowed_in_what_is_written() {
    let document = openapi();
    let schema = |content: &Value| {
        let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
        document
            .pointer(reference.trim_start_matches('#'))
            .cloned()
            .unwrap_or_default()
    };
    let mut n_read = 0;
    for operation in document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, path)| path.as_object().into_iter().flatten())
        .map(|(_, operation)| operation)
    {
        let name = &operation["operationId"];
        if let Some(body) = operation.pointer("/requestBody/content/application~1json") {
            let schema = schema(body);
            // An object, or one of several.
            let forms = schema["oneOf"]
                .as_array()
                .map_or_else(|| std::slice::from_ref(&schema).to_vec(), Clone::clone);
            for form in forms {
                let is_closed = ["additionalProperties", "unevaluatedProperties"]
                    .iter()
                    .any(|word| form.get(word) == Some(&Value::Bool(false)));
                assert!(is_closed, "{name}: {form}");
            }
            n_read += 1;
        }
        for answer in operation["responses"]
            .as_object()
            .into_iter()
            .flat_map(Map::values)
        {
            if let Some(body) = answer.pointer("/content/application~1json") {
                assert_eq!(schema(body).get("additionalProperties"), None, "{name}");
            }
        }
    }
    let n_taking = endpoints()
        .filter(|endpoint| endpoint.body.is_some())
        .count();
    assert_eq!(n_read, n_taking);
}

#[test]
fn a_type_that_is_read_and_written_has_one_schema() {
    let Described { read, written, .. } = described();
    let shared: Vec<_> = read
        .iter()
        .filter(|(name, _)| written.contains_key(*name))
        .collect();
    assert!(shared.len() >= 3, "{shared:?}");
    for (name, schema) in shared {
        assert_eq!(schema, &written[name], "{name}");
    }
}
