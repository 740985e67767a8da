//! The glossary and the code have the same words.

use std::path::PathBuf;

use super::pages::{files, read};

/// Words that the glossary has replaced. No file is called by one of them again.
const REPLACED: &[&str] = &[
    "audience", "courier", "desk", "errand", "gate", "keep", "ledger", "like", "likeness", "look",
    "meaning", "memory", "reading", "rights", "several", "shelf", "shield", "standing", "tell",
    "turns", "way",
];

#[test]
fn no_file_is_called_by_a_word_that_the_glossary_has_replaced() {
    let sources = [
        "shared/src",
        "shared/tests",
        "worker/src",
        "widget",
        "xtask",
        "tests",
        "bench/src",
    ];
    for folder in sources {
        for path in files(folder, &[".rs", ".ts"]) {
            let mut names = path.with_extension("");
            while let Some(name) = names
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
            {
                assert!(
                    !REPLACED.contains(&name.as_str()),
                    "{}: see docs/GLOSSARY.md",
                    path.display()
                );
                names.pop();
            }
        }
    }
}

#[test]
fn types_that_the_glossary_names_are_where_it_says() {
    let page = read("docs/GLOSSARY.md");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut n_types = 0;
    for (at, _) in page.match_indices("` in `") {
        let name = page[..at].rsplit('`').next().unwrap_or_default();
        let path = page[at + "` in `".len()..]
            .split('`')
            .next()
            .unwrap_or_default();
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            let sources = match path.ends_with('/') {
                true => files(path.trim_end_matches('/'), &[".rs"]),
                false => vec![PathBuf::from(path)],
            };
            assert!(
                sources.iter().any(|source| read(source).contains(name)),
                "{name} in {path}"
            );
            n_types += 1;
        }
    }
    assert!(n_types > 5, "only {n_types} types were found");
}
