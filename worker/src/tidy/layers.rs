//! Inside the worker imports go down only. The order of the rooms is [`LAYERS`]; what follows is how it is held.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenTree};

use super::{ident, is_punct, sources};

/// The rooms of `worker/src`, folders and single files, from the lowest layer to the highest. A room may use the rooms
/// of the layers below its own, and no other: neither of its own layer nor above, so that no circle can be.
const LAYERS: &[&[&str]] = &[
    // Reads the clock; writes the log.
    &["clock", "events"],
    // Requests, answers and the one error of the worker.
    &["http"],
    // What the environment holds.
    &["config"],
    // D1; hosts that are not ours.
    &["store", "outbound"],
    // How objects are called.
    &["calls"],
    // Sites as they were read a moment ago.
    &["sites"],
    // What a site's assistant knows.
    &["knowledge"],
    // Who replies and how.
    &["answer"],
    // Where things happen.
    &["objects"],
    // What the outside asks for: visitors, the clock, probes.
    &["visitor", "jobs", "health", "security"],
    // What the team asks for, which may be what a visitor may see.
    &["admin"],
    // From a request to its handler.
    &["endpoints"],
    // The events of the runtime.
    &["lib"],
    // Reads sources, in tests alone.
    &["tidy"],
];

/// A room that another one uses, and where.
type Import = (String, String, String);

/// The room of a file: its folder, or the file itself.
fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// How many modules deep a file is in the crate: `lib.rs` is the root.
fn depth(file: &str) -> usize {
    let n_parts = file.split('/').count();
    match file.rsplit('/').next() {
        Some("lib.rs" | "mod.rs") => n_parts - 1,
        _ => n_parts,
    }
}

/// Finds the rooms that tokens name by a path from the root: `crate::room`, `crate::{room, …}`, or as many `super` as
/// lead to the root. `depth` is how deep the module is that they stand in.
fn find(tokens: &[TokenTree], depth: usize, found: &mut BTreeSet<String>) {
    let mut at = 0;
    while at < tokens.len() {
        let is_path_start = !(at >= 1 && is_punct(tokens.get(at - 1), ':'));
        let name = ident(tokens.get(at)).filter(|_| is_path_start);
        let mut next = at + 1;
        let mut n_up = usize::from(name.as_deref() == Some("super"));
        let follows =
            |next: usize| is_punct(tokens.get(next), ':') && is_punct(tokens.get(next + 1), ':');
        while n_up > 0 && follows(next) && ident(tokens.get(next + 2)).as_deref() == Some("super") {
            n_up += 1;
            next += 3;
        }
        let is_root = name.as_deref() == Some("crate") || n_up > 0 && n_up >= depth;
        if is_root && follows(next) {
            match tokens.get(next + 2) {
                Some(TokenTree::Group(group)) => {
                    let names: Vec<_> = group.stream().into_iter().collect();
                    let starts = names
                        .iter()
                        .enumerate()
                        .filter(|(at, _)| *at == 0 || is_punct(names.get(at - 1), ','));
                    found.extend(starts.filter_map(|(_, token)| ident(Some(token))));
                }
                token => found.extend(ident(token)),
            }
        }
        if let Some(TokenTree::Group(group)) = tokens.get(at) {
            let is_module = group.delimiter() == Delimiter::Brace
                && at >= 2
                && ident(tokens.get(at - 2)).as_deref() == Some("mod");
            let inner: Vec<_> = group.stream().into_iter().collect();
            find(&inner, depth + usize::from(is_module), found);
        }
        at += 1;
    }
}

/// What is wrong with these files: sentences, one a fault.
fn faults(files: &[(&str, Vec<TokenTree>)], layers: &[&[&str]]) -> Vec<String> {
    let layer = |room: &str| layers.iter().position(|rooms| rooms.contains(&room));
    let rooms: BTreeSet<&str> = files.iter().map(|(file, _)| room(file)).collect();
    let mut faults = Vec::new();
    for room in &rooms {
        if layer(room).is_none() {
            faults.push(format!(
                "`{room}` is in no layer: give it a place in LAYERS."
            ));
        }
    }
    for room in layers
        .iter()
        .copied()
        .flatten()
        .filter(|room| !rooms.contains(**room))
    {
        faults.push(format!(
            "`{room}` is in LAYERS and not in the sources: take it out."
        ));
    }
    let mut imports: BTreeSet<Import> = BTreeSet::new();
    for (file, tokens) in files {
        let mut found = BTreeSet::new();
        find(tokens, depth(file), &mut found);
        let used = found
            .into_iter()
            .filter(|used| rooms.contains(used.as_str()));
        imports.extend(used.map(|used| (room(file).to_owned(), used, (*file).to_owned())));
    }
    for (from, to, file) in &imports {
        if from == to {
            continue;
        }
        let is_down = match (layer(from), layer(to)) {
            (Some(from), Some(to)) => to < from,
            _ => true,
        };
        if !is_down {
            faults.push(format!(
                "{file} uses `{to}`, which is not below `{from}`: move what it needs into a lower room."
            ));
        }
    }
    faults
}

#[test]
fn imports_go_down_only() {
    let sources = sources("worker/src");
    let files: Vec<_> = sources
        .into_iter()
        .map(|source| (source.name, source.tokens))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, tokens)| (name.as_str(), tokens.clone()))
        .collect();
    let faults = faults(&files, LAYERS);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_import_upward_is_found_however_it_is_written() {
    let layers: &[&[&str]] = &[&["low"], &["high"]];
    let tokens = |code: &str| {
        code.parse::<proc_macro2::TokenStream>()
            .expect("Rust")
            .into_iter()
            .collect()
    };
    for (file, code, is_fine) in [
        ("low/mod.rs", "use crate::high::Thing;", false),
        ("low/mod.rs", "use crate::{low, high};", false),
        (
            "low/mod.rs",
            "use crate::{\n    low::{a, b},\n    high as h,\n};",
            false,
        ),
        ("low/part.rs", "fn f() { crate :: high :: f() }", false),
        (
            "low/part.rs",
            "some_macro!(deep { crate::high::f });",
            false,
        ),
        ("low/part.rs", "pub(crate) use super::super::high;", false),
        (
            "low/part.rs",
            "mod tests { use super::super::super::high; }",
            false,
        ),
        ("low.rs", "use super::high;", false),
        ("low/mod.rs", "use crate::low::high;", true),
        ("low/part.rs", "use super::high;", true),
        (
            "low/mod.rs",
            "// crate::high\nconst TEXT: &str = \"crate::high\";",
            true,
        ),
        ("high/mod.rs", "use crate::low;", true),
    ] {
        let files = [
            ("low/mod.rs", Vec::new()),
            ("high/mod.rs", Vec::new()),
            (file, tokens(code)),
        ];
        let faults = faults(&files, layers);
        assert_eq!(faults.is_empty(), is_fine, "{code}: {faults:?}");
    }
}

#[test]
fn the_order_itself_is_checked() {
    let tokens = |code: &str| {
        code.parse::<proc_macro2::TokenStream>()
            .expect("Rust")
            .into_iter()
            .collect()
    };
    let files = [
        ("low/mod.rs", tokens("use crate::high;")),
        ("high/mod.rs", tokens("use crate::low;")),
    ];
    let n_faults = |layers: &[&[&str]]| faults(&files, layers).len();
    assert_eq!(
        n_faults(&[&["low"], &["high"]]),
        1,
        "one of the two is upward"
    );
    assert_eq!(n_faults(&[&["low", "high"]]), 2, "a circle in one layer");
    assert_eq!(n_faults(&[&["high"]]), 1, "a room without a layer");
    assert_eq!(
        n_faults(&[&["low"], &["high"], &["gone"]]),
        2,
        "a layer without a room"
    );
}
