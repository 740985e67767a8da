//! How large a type and a file may get before they are two.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenTree};

use super::{Source, ident, is_punct, sources};

/// What is measured.
const FOLDERS: [&str; 8] = [
    "shared/src",
    "shared/tests",
    "worker/src",
    "widget/src",
    "xtask",
    "bench",
    "tests/src",
    "tests/tests",
];
/// A type with more does several things.
const METHODS_MAX: usize = 25;
/// A file with more holds several concepts, unless it says at its head why it does not.
const LINES_MAX: usize = 450;
/// How a file says so, in the comment at its head.
const REASON: &str = "Long because";
/// Half of all files are no longer than this.
const LINES_MEDIAN_MAX: usize = 150;

/// Adds up the methods of each type that these tokens implement, by its name.
fn count(tokens: &[TokenTree], methods: &mut BTreeMap<String, usize>) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        // Where an item begins: `impl` is a type elsewhere.
        let is_item = at == 0
            || is_punct(tokens.get(at - 1), ';')
            || matches!(tokens.get(at - 1), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Parenthesis);
        if is_item && ident(Some(token)).as_deref() == Some("impl") {
            let header: Vec<_> = tokens
                .iter()
                .skip(at + 1)
                .take_while(|token| !is_block(token))
                .collect();
            at += 1 + header.len();
            if let (Some(name), Some(TokenTree::Group(block))) = (type_of(&header), tokens.get(at))
            {
                let inner: Vec<_> = block.stream().into_iter().collect();
                let pairs = inner.iter().zip(inner.iter().skip(1));
                let n = pairs.filter(|(one, next)| {
                    ident(Some(one)).as_deref() == Some("fn") && ident(Some(next)).is_some()
                });
                *methods.entry(name).or_default() += n.count();
            }
        } else if let TokenTree::Group(group) = token {
            let inner: Vec<_> = group.stream().into_iter().collect();
            count(&inner, methods);
        }
        at += 1;
    }
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// The name of the type that an `impl` with this header is of: `<T> a::Trait<X> for b::Type<T> where …` is of `Type`.
fn type_of(header: &[&TokenTree]) -> Option<String> {
    let mut n_open = 0_usize;
    let mut name = None;
    for (at, token) in header.iter().enumerate() {
        let is_arrow = at >= 1 && is_punct(header.get(at - 1).copied(), '-');
        if is_punct(Some(token), '<') {
            n_open += 1;
        } else if is_punct(Some(token), '>') && !is_arrow {
            n_open = n_open.saturating_sub(1);
        } else if n_open == 0 {
            match ident(Some(token)).as_deref() {
                Some("where") => break,
                Some("for") => name = None,
                Some(other) => name = Some(other.to_owned()),
                None => {}
            }
        }
    }
    name
}

/// Where a type is told apart from another one of its name: the folder and the room.
fn place(folder: &str, source: &Source) -> String {
    match source.name.split_once('/') {
        Some((room, _)) => format!("{folder}/{room}"),
        None => folder.to_owned(),
    }
}

#[test]
fn no_type_has_too_many_methods() {
    let mut methods: BTreeMap<String, usize> = BTreeMap::new();
    for folder in FOLDERS {
        for source in sources(folder) {
            let mut of_file = BTreeMap::new();
            count(&source.tokens, &mut of_file);
            for (name, n) in of_file {
                *methods
                    .entry(format!("{} {name}", place(folder, &source)))
                    .or_default() += n;
            }
        }
    }
    assert!(
        methods.len() > 200,
        "only {} types were found",
        methods.len()
    );
    let mut faults = Vec::new();
    for (name, n) in &methods {
        if *n > METHODS_MAX {
            faults.push(format!(
                "{name} has {n} methods, more than {METHODS_MAX}: give its parts types of their own."
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn methods_are_counted_over_all_blocks_of_a_type() {
    let code = "
        impl Small { const F: fn(u8) = g; fn one(&self) -> impl Iterator<Item = u8> { fn inner() {} } }
        mod inside { #[cfg(x)] impl<T: Fn(u8) -> u8> a::Trait<T> for b::Small<T> where T: Send { fn two() {} } }
        fn free(x: impl Send) -> impl Send { impl Local { fn three() {} } }
    ";
    let tokens: Vec<_> = code
        .parse::<proc_macro2::TokenStream>()
        .expect("Rust")
        .into_iter()
        .collect();
    let mut methods = BTreeMap::new();
    count(&tokens, &mut methods);
    let expected = [("Local", 1), ("Small", 2)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(methods, BTreeMap::from(expected));
}

#[test]
fn a_long_file_says_why_at_its_head() {
    let mut lengths = Vec::new();
    let mut faults = Vec::new();
    for folder in FOLDERS {
        for source in sources(folder) {
            let name = format!("{folder}/{}", source.name);
            let n_lines = source.text.lines().count();
            lengths.push(n_lines);
            let mut head = source
                .text
                .lines()
                .take_while(|line| line.starts_with("//!"));
            let is_fine = n_lines <= LINES_MAX || head.any(|line| line.contains(REASON));
            if !is_fine {
                faults.push(format!(
                    "{name} has {n_lines} lines, more than {LINES_MAX}: part it by concept, or say in its `//!` comment \
                     \"{REASON} …\"."
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    assert!(
        median <= LINES_MEDIAN_MAX,
        "half of all files have more than {median} lines"
    );
}
