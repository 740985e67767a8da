//! `_headers`: what the platform sends with the files that it serves without asking the worker.
//!
//! The list itself is `oriel_shared::headers`; this only writes it the way the platform reads it.

use std::fmt::Write;

use oriel_shared::headers::{self, Header};
use oriel_shared::wire::api::{DESCRIPTION_PATH, TYPES_PATH};

use super::{RELEASES_PATH, SIGNATURE_PATH};

/// Files whose name stays while their bytes change.
const ROLLING: [&str; 5] = [
    "/oriel.js",
    "/manifest.json",
    TYPES_PATH,
    SIGNATURE_PATH,
    RELEASES_PATH,
];

/// The whole file.
pub fn file() -> String {
    let mut text = String::from("# Written by `cargo xtask build` from shared/src/headers.rs.\n");
    rule(&mut text, "/assets/*", &headers::asset_headers());
    for path in ROLLING {
        let mut headers = headers::rolling_headers();
        if path == TYPES_PATH {
            // Platforms take its ending for a film's.
            headers.push(("content-type", "text/plain; charset=utf-8".into()));
        }
        rule(&mut text, path, &headers);
    }
    rule(&mut text, DESCRIPTION_PATH, &headers::api_headers());
    text
}

fn rule(text: &mut String, path: &str, headers: &[Header]) {
    let _cannot_fail = writeln!(text, "\n{path}");
    for (name, value) in headers {
        let _cannot_fail = writeln!(text, "  {name}: {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limits of the platform: 100 rules, 2,000 characters a line.
    #[test]
    fn the_file_keeps_within_the_platforms_limits_and_holds_one_header_a_line() {
        let text = file();
        assert!(text.lines().all(|line| line.len() <= 2_000));
        let n_headers = text.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(
            n_headers,
            headers::asset_headers().len()
                + ROLLING.len() * headers::rolling_headers().len()
                + 1
                + headers::api_headers().len()
        );
    }

    #[test]
    fn pinned_files_are_immutable_and_rolling_ones_are_not() {
        let text = file();
        let rule = |path: &str| {
            text.split("\n\n")
                .find(|rule| rule.starts_with(path))
                .unwrap_or_default()
                .to_owned()
        };
        assert!(rule("/assets/*").contains("immutable"));
        assert!(!rule("/oriel.js").contains("immutable"));
        assert!(rule("/manifest.json").contains("must-revalidate"));
        assert!(rule(DESCRIPTION_PATH).contains("no-store"));
    }
}
