//! No line of prose is too long to be read beside the code.

use super::pages::{pages, prose};

/// Columns of a line of prose. Tables, code and lines that hold a single long link may be wider.
const WIDTH: usize = 120;

#[test]
fn prose_is_at_most_120_columns_wide() {
    let mut wide = Vec::new();
    for (path, text) in pages()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|it| it == "md"))
    {
        for (n, line) in prose(&text) {
            let is_table = line.trim_start().starts_with('|');
            // A link or the name of a test that cannot be broken.
            let is_one_word = line
                .split_whitespace()
                .any(|word| word.chars().count() > WIDTH - 30);
            if line.chars().count() > WIDTH && !is_table && !is_one_word {
                wide.push(format!("{}:{n}", path.display()));
            }
        }
    }
    assert!(
        wide.is_empty(),
        "lines of more than {WIDTH} columns:\n{}",
        wide.join("\n")
    );
}
