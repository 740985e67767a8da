//! Links and paths lead somewhere.

use std::fs;
use std::path::Path;

use super::pages::{pages, prose, quoted, root};

/// Folders of the workspace that a path on a page may begin with, besides what a build makes (`target/`, `dist/`).
const ROOMS: &[&str] = &[
    ".cargo",
    ".ci",
    ".github",
    "bench",
    "docs",
    "examples",
    "fuzz",
    "migrations",
    "shared",
    "testdata",
    "tests",
    "widget",
    "worker",
    "xtask",
];

/// The address of a heading on its page.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for (path, text) in pages() {
        for (n, line) in prose(&text) {
            for link in line.split("](").skip(1) {
                let link = link.split([')', ' ']).next().unwrap_or_default();
                if link.contains("://") || link.starts_with("mailto:") {
                    continue;
                }
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let target = match file {
                    "" => path.clone(),
                    file => path.parent().unwrap_or(Path::new("")).join(file),
                };
                let place = root().join(&target);
                let is_there = match heading {
                    "" => place.exists(),
                    heading => fs::read_to_string(place).is_ok_and(|page| {
                        prose(&page)
                            .any(|(_, line)| line.starts_with('#') && anchor(line) == heading)
                    }),
                };
                if !is_there {
                    broken.push(format!("{}:{n}: {link}", path.display()));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "links that lead nowhere:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_path_that_a_page_names_is_there() {
    let mut missing = Vec::new();
    for (path, text) in pages() {
        for (n, line) in prose(&text) {
            for name in quoted(line) {
                let name = name.split("::").next().unwrap_or_default();
                let Some((room, _)) = name.split_once('/') else {
                    continue;
                };
                let is_pattern = name.contains(['*', '{', ' ', '<', '…'])
                    || name.contains("NNNN")
                    || name.contains("TAG");
                // What a fuzzer writes is not there before it ran.
                let is_made = name.starts_with("fuzz/artifacts") || name.starts_with("fuzz/corpus");
                if ROOMS.contains(&room) && !is_pattern && !is_made && !root().join(name).exists() {
                    missing.push(format!("{}:{n}: {name}", path.display()));
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "paths that are not there:\n{}",
        missing.join("\n")
    );
}

#[test]
fn pages_name_files_by_their_whole_path() {
    let mut cut_short = Vec::new();
    for (path, text) in pages()
        .into_iter()
        .filter(|(path, _)| path.starts_with("docs"))
    {
        for (n, line) in prose(&text) {
            for name in quoted(line) {
                let is_source = [".rs", ".ts", ".mjs", ".sql", ".css"]
                    .iter()
                    .any(|ending| name.ends_with(ending));
                let room = name.split_once('/').map(|(room, _)| room);
                let is_plain = !name.contains([' ', '*', '{']);
                if is_source
                    && is_plain
                    && room.is_some_and(|room| !room.is_empty() && !ROOMS.contains(&room))
                {
                    cut_short.push(format!("{}:{n}: {name}", path.display()));
                }
            }
        }
    }
    assert!(
        cut_short.is_empty(),
        "write these from the root:\n{}",
        cut_short.join("\n")
    );
}
