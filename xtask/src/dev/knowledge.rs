//! The documents of the demo site: this project's README and docs.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{digest, fingerprint};

/// Where visitors read the sources that an answer names.
const READ_AT: &str = "https://github.com/oriel-chat/oriel/blob/main/";

/// A document as it is posted.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Path in the workspace; names it from one start to the next.
    pub path: String,
    /// Its first heading.
    pub title: String,
    /// The file.
    pub content: String,
    /// Where it can be read.
    pub url: String,
    /// Changes when what is posted changes.
    pub digest: String,
}

/// README.md and all Markdown below docs/, by path.
///
/// # Errors
/// When one cannot be read.
pub fn pages(workspace: &Workspace) -> Result<Vec<Page>> {
    let mut files = Vec::new();
    for path in ["README.md", "docs"] {
        fingerprint::collect(&workspace.join(path), &[], &mut files)?;
    }
    files.sort();
    let mut pages = Vec::new();
    for file in files {
        if file.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let content = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let path = file
            .strip_prefix(workspace.root())
            .unwrap_or(&file)
            .display()
            .to_string();
        if !content.trim().is_empty() {
            pages.push(page(path, content));
        }
    }
    Ok(pages)
}

fn page(path: String, content: String) -> Page {
    let title = title(&content)
        .unwrap_or(&path)
        .chars()
        .take(200)
        .collect::<String>();
    let url = format!("{READ_AT}{path}");
    let digest = digest::sha256_hex(format!("{title}\n{url}\n{content}").as_bytes());
    Page {
        path,
        title,
        content,
        url,
        digest,
    }
}

/// The first heading outside a code block.
fn title(markdown: &str) -> Option<&str> {
    let mut in_code = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code && let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            if !heading.is_empty() {
                return Some(heading);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_the_first_heading_and_not_a_comment_in_a_code_block() {
        for (markdown, expected) in [
            ("# Oriel\n\nA window.", Some("Oriel")),
            ("```sh\n# not this\n```\n\n## This", Some("This")),
            ("No heading at all.", None),
            ("#\n# Second", Some("Second")),
        ] {
            assert_eq!(title(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn a_page_changes_its_digest_with_its_content_and_links_to_its_file() {
        let first = page("docs/a.md".into(), "# A\nOne.".into());
        assert_eq!(
            first.url,
            "https://github.com/oriel-chat/oriel/blob/main/docs/a.md"
        );
        assert_ne!(
            first.digest,
            page("docs/a.md".into(), "# A\nTwo.".into()).digest
        );
        assert_eq!(first, page("docs/a.md".into(), "# A\nOne.".into()));
    }
}
