//! One file calls hosts that are not ours; what else opens a connection goes to a binding or an object.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::TokenTree;

use super::{ident, is_punct, sources};

/// What may open a connection, and the file that may. `.fetch` and `::connect` are calls of those names on anything.
const WAYS_OUT: &[(&str, Option<&str>)] = &[
    // Hosts that are not ours.
    ("Fetch", Some("outbound/fetch.rs")),
    ("send_with_signal", Some("outbound/fetch.rs")),
    // An object.
    ("fetch_with_request", Some("calls/mod.rs")),
    ("fetch_with_str", None),
    // The binding of the static files.
    (".fetch", Some("visitor/assets.rs")),
    ("::connect", None),
    (".connect", None),
    // A plain socket.
    ("Socket::builder", None),
    ("web_sys", None),
    // The runtime's function by its name.
    ("\"fetch\"", None),
];

/// Collects the ways out that tokens use. Code that only tests have is no part of the worker.
fn find(tokens: &[TokenTree], found: &mut BTreeSet<&'static str>) {
    for (at, token) in tokens.iter().enumerate() {
        let before = |n: usize| at.checked_sub(n).and_then(|at| tokens.get(at));
        if let TokenTree::Group(group) = token {
            let is_tests = ident(before(1)).as_deref() == Some("tests")
                && ident(before(2)).as_deref() == Some("mod");
            if !is_tests {
                let inner: Vec<_> = group.stream().into_iter().collect();
                find(&inner, found);
            }
            continue;
        }
        let name = token.to_string();
        let prefix = match (is_punct(before(1), '.'), is_punct(before(1), ':')) {
            (true, _) => ".",
            (_, true) => "::",
            _ => "",
        };
        let owner = ident(before(3)).unwrap_or_default();
        let names = [
            name.clone(),
            format!("{prefix}{name}"),
            format!("{owner}{prefix}{name}"),
        ];
        let is_used = |way: &str| names.iter().any(|name| name == way);
        found.extend(
            WAYS_OUT
                .iter()
                .map(|(way, _)| *way)
                .filter(|way| is_used(way)),
        );
    }
}

#[test]
fn nothing_else_opens_a_connection() {
    let mut used = BTreeSet::new();
    for source in sources("worker/src") {
        if source.name.starts_with("tidy/") {
            continue;
        }
        let mut found = BTreeSet::new();
        find(&source.tokens, &mut found);
        for (way, allowed) in WAYS_OUT.iter().filter(|(way, _)| found.contains(way)) {
            assert_eq!(
                *allowed,
                Some(source.name.as_str()),
                "{} uses {way}",
                source.name
            );
        }
        used.extend(found);
    }
    for (way, allowed) in WAYS_OUT {
        assert_eq!(
            used.contains(way),
            allowed.is_some(),
            "{way}: is it still called that?"
        );
    }
    // The net under the worker hands requests in, never out.
    let entry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worker/entry.mjs");
    let entry = fs::read_to_string(entry).expect("entry.mjs");
    for call in entry.split("fetch(").skip(1) {
        assert!(call.starts_with("request)"), "entry.mjs calls fetch({call}");
    }
}

#[test]
fn a_way_out_is_found_however_it_is_written() {
    for (code, way) in [
        ("use worker::{Env, Fetch};", "Fetch"),
        ("fn f() { worker :: Fetch :: Url(x) }", "Fetch"),
        ("fn f() { m!(assets . fetch(url)) }", ".fetch"),
        ("fn f() { WebSocket::connect(url) }", "::connect"),
        ("fn f() { get(&global, &\"fetch\".into()) }", "\"fetch\""),
    ] {
        let tokens: Vec<_> = code
            .parse::<proc_macro2::TokenStream>()
            .expect("Rust")
            .into_iter()
            .collect();
        let mut found = BTreeSet::new();
        find(&tokens, &mut found);
        assert_eq!(found, BTreeSet::from([way]), "{code}");
    }
}
