//! The sites of `testdata/answers`, with vectors that a model made once.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use oriel_shared::answer::Candidate;
use oriel_shared::answer::embeddings::{Vector, beginning, passage_text};
use sha2::{Digest, Sha256};

use crate::index::Index;
use crate::labels::{pages_below, root};

/// Vectors that a model made once; `testdata/answers/README.md` says how.
pub struct Recorded(HashMap<[u8; 8], Vector>);

impl Recorded {
    const DIMENSIONS: usize = 512;

    pub fn read() -> Self {
        let path = root().join("testdata/answers/vectors.bin");
        let bytes = std::fs::read(path).expect("readable");
        let entries = bytes.chunks_exact(8 + Self::DIMENSIONS).map(|entry| {
            let (key, values) = entry.split_first_chunk().expect("long enough");
            let values = values.iter().map(|byte| f32::from(byte.cast_signed()));
            let vector = Vector::of(&values.collect::<Vec<_>>()).expect("fit");
            (*key, vector)
        });
        Self(entries.collect())
    }

    pub fn key(text: &str) -> [u8; 8] {
        let digest = Sha256::digest(text.as_bytes());
        *digest.first_chunk().expect("long enough")
    }

    fn of(&self, text: &str) -> Vector {
        let vector = self.0.get(&Self::key(text)).unwrap_or_else(|| {
            panic!("no vector is recorded of {text:?}: testdata/answers/README.md says how")
        });
        vector.clone()
    }

    pub fn of_passage(&self, row: &Candidate) -> Vector {
        self.of(&Self::text_of_passage(row))
    }

    pub fn text_of_passage(row: &Candidate) -> String {
        let text = passage_text(&row.title, &row.heading, &row.text);
        format!("title: none | text: {text}")
    }

    pub fn of_question(&self, text: &str) -> Vector {
        self.of(&format!("task: search result | query: {}", beginning(text)))
    }
}

/// The sites of `testdata/answers`, by name; their passages have vectors.
pub static SITES: LazyLock<BTreeMap<String, Index>> = LazyLock::new(|| {
    let recorded = Recorded::read();
    let folders = std::fs::read_dir(root().join("testdata/answers/corpora")).expect("a folder");
    let site = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("named").to_string_lossy();
        let mut index = Index::of(&pages_below(&path));
        for row in &mut index.rows {
            row.vector = Some(recorded.of_passage(row));
        }
        (name.into_owned(), index)
    };
    folders.map(site).collect()
});
