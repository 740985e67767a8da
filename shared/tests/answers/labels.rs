//! Labelled questions and the pages that they are about, as the files of `testdata/` hold them.

use std::path::Path;

use oriel_shared::answer::Candidate;
use serde::Deserialize;

use crate::index::{Page, own_heading};

/// A question and the passages that answer it; none for one that no document answers.
#[derive(Deserialize)]
pub struct Labelled {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub site: String,
    #[serde(default)]
    pub language: String,
    pub part: String,
    pub question: String,
    pub answers: Vec<Place>,
    /// A phrase that the answer must contain.
    #[serde(default)]
    pub says: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub document: String,
    pub heading: String,
    /// A phrase of the passage. Absent: its heading names it.
    #[serde(default)]
    pub contains: Option<String>,
    /// Added by judging a pool, and not the questions' writer's.
    #[serde(default)]
    pub pooled: bool,
}

impl Place {
    pub fn is(&self, passage: &Candidate) -> bool {
        self.document == passage.document
            && match &self.contains {
                Some(phrase) => passage.text.contains(phrase.as_str()),
                None => self.heading == own_heading(&passage.heading),
            }
    }
}

pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn questions(path: &str) -> Vec<Labelled> {
    let line = |line| serde_json::from_str(line).expect("one question a line");
    read(path).lines().map(line).collect()
}

/// All Markdown below a folder, by path from there.
pub fn pages_below(folder: &Path) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(folder).expect("below it");
                pages.push(page(&name.to_string_lossy(), &path));
            }
        }
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages
}

fn page(name: &str, path: &Path) -> Page {
    let content = std::fs::read_to_string(path).expect("readable");
    let title = content.lines().find_map(|line| line.strip_prefix("# "));
    Page {
        path: name.to_owned(),
        title: title.unwrap_or(name).to_owned(),
        content,
    }
}
