//! The attribute `#[integration_test]`, which `oriel_tests` exports. It registers a function where the harness finds it
//! (`tests/src/harness.rs`), so that no list of tests can be forgotten.

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// Registers a test: `fn name()`, or `fn name(fixtures: &Fixtures)` for one that needs a running edge.
#[proc_macro_attribute]
pub fn integration_test(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    let Some((name, takes_fixtures)) = signature(function.clone()) else {
        return r#"compile_error!("`integration_test` goes before a function");"#
            .parse()
            .expect("a macro call");
    };
    let call = if takes_fixtures {
        format!("{name}(fixtures)")
    } else {
        format!("{{ let _unused = fixtures; {name}(); }}")
    };
    let registration: TokenStream = format!(
        "::oriel_tests::harness::inventory::submit! {{
            ::oriel_tests::harness::IntegrationTest {{
                module: module_path!(),
                line: line!(),
                name: stringify!({name}),
                run: |fixtures| {call},
            }}
        }}"
    )
    .parse()
    .expect("a macro call");
    function.into_iter().chain(registration).collect()
}

/// A function's name, and whether it takes anything.
fn signature(function: TokenStream) -> Option<(String, bool)> {
    let mut tokens = function
        .into_iter()
        .skip_while(|token| !matches!(token, TokenTree::Ident(word) if word.to_string() == "fn"));
    let _fn = tokens.next()?;
    let TokenTree::Ident(name) = tokens.next()? else {
        return None;
    };
    match tokens.next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            Some((name.to_string(), !group.stream().is_empty()))
        }
        _ => None,
    }
}
