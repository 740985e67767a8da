//! Lists are complete: the codes, endpoints, events, settings, commands and rooms that the code has.

use std::collections::BTreeSet;

use oriel_shared::wire::admin::{Limits, Site};
use oriel_shared::wire::api::{self, Caller};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::ClientFrame;
use oriel_shared::wire::webhook::EventKind;

use super::pages::{first_column, pages, quoted, read};

#[test]
fn every_code_of_an_error_has_its_entry_in_their_order() {
    let page = read("docs/problems.md");
    let headings: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| format!("{} ({})", code.name(), code.status()))
        .collect();
    assert_eq!(
        headings, codes,
        "docs/problems.md, against shared/src/wire/problem.rs"
    );
}

#[test]
fn every_frame_of_a_client_is_listed_with_its_error() {
    // serde's own list of the types is in its error.
    let error = serde_json::from_str::<ClientFrame>(r#"{"type":""}"#).expect_err("no type");
    let error = error.to_string();
    let types: Vec<&str> = quoted(&error).skip(1).collect();
    let page = read("docs/problems.md").replace('\n', " ");
    let listed = page
        .split_once("whose `type` is ")
        .and_then(|(_, list)| list.split_once('.'))
        .map(|(list, _)| quoted(list).collect())
        .unwrap_or_default();
    let sorted = |mut types: Vec<_>| {
        types.sort_unstable();
        types
    };
    assert_eq!(
        sorted(listed),
        sorted(types),
        "`invalid_frame` in docs/problems.md, against shared/src/wire/visitor.rs"
    );
}

#[test]
fn every_endpoint_of_the_team_is_on_a_page() {
    // The pages have names of their own for parameters.
    let nameless = |call: &str| -> String {
        let segments = call.split('/').map(|segment| {
            let is_parameter = segment.starts_with('{');
            if is_parameter { "{}" } else { segment }
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let pages = pages();
    let named: BTreeSet<String> = pages
        .iter()
        .flat_map(|(_, text)| text.lines().flat_map(quoted))
        .map(nameless)
        .collect();
    for endpoint in api::endpoints().filter(|endpoint| endpoint.caller == Caller::Team) {
        let call = format!("{} {}", endpoint.method.name(), endpoint.path.as_str());
        assert!(
            named.contains(&nameless(&call)),
            "no page names `{call}`: docs/management-api.md should"
        );
    }
}

#[test]
fn every_event_of_a_webhook_is_listed() {
    let listed = first_column(&read("docs/connections.md"));
    for kind in EventKind::ALL {
        assert!(
            listed.contains(kind.name()),
            "docs/connections.md lacks `{}`",
            kind.name()
        );
    }
}

#[test]
fn every_setting_of_a_site_is_listed() {
    let site: Site = serde_json::from_value(serde_json::json!({
        "id": "site_1", "key": "pk_1", "name": "Shop", "mode": "safelist", "safelist": [], "enabled": true,
        "token_ttl_max": 300, "limits": Limits::DEFAULT, "greeting": "", "disclosure": "", "answers": {}, "model": {},
        "hours": {}, "locale": "de", "prechat": {"fields": [], "consent": "I agree."}, "retention_days": 0,
        "created_at": "",
    }))
    .expect("a site with every setting");
    let listed = first_column(&read("docs/management-api.md"));
    let fields = serde_json::to_value(site).expect("it serialises");
    for field in fields.as_object().expect("an object").keys() {
        // Given by the edge, not set by anybody.
        if !["id", "key", "created_at"].contains(&field.as_str()) {
            assert!(
                listed.contains(field),
                "docs/management-api.md lacks `{field}`"
            );
        }
    }
}

#[test]
fn every_command_is_listed() {
    let page = read("docs/development.md");
    let source = read("xtask/src/main.rs");
    let tasks = source.split_once("enum Task {").expect("the commands").1;
    let tasks = tasks.split_once("\n}").expect("their end").0;
    let mut n_tasks = 0;
    let mut is_hidden = false;
    for line in tasks.lines() {
        is_hidden |= line.contains("hide = true") && line.starts_with("    #");
        let name: String = line
            .strip_prefix("    ")
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        if !std::mem::take(&mut is_hidden) {
            let words = name.char_indices().flat_map(|(at, c)| {
                let dash = (at > 0 && c.is_ascii_uppercase()).then_some('-');
                dash.into_iter().chain([c.to_ascii_lowercase()])
            });
            let command = format!("`cargo xtask {}", words.collect::<String>());
            assert!(
                page.contains(&command),
                "docs/development.md lacks {command}`"
            );
            n_tasks += 1;
        }
    }
    assert!(n_tasks > 5, "only {n_tasks} commands were found");
}
