//! The index of passages, played: the words that the worker hands to FTS5, found by the expressions that it asks with,
//! scored by FTS5's BM25. What the worker does in two round trips (`worker/src/store/passages.rs`,
//! `worker/src/answer/mod.rs`) is done here in the same order.

use std::collections::{BTreeMap, HashMap};

use oriel_shared::answer::embeddings::{BEGINNING_CHARACTERS, Vector, nearest};
use oriel_shared::answer::spelling::SpellingSuggestion;
use oriel_shared::answer::stems::{Stems, for_index};
use oriel_shared::answer::{
    Candidate, Corpus, Language, Question, SearchResults, TermFrequency, passages,
};
use oriel_shared::id::UnixMs;
use oriel_shared::wire::admin::DocumentFormat;

/// As many as the worker asks the index for.
const N_CANDIDATES: usize = 40;
/// FTS5 weighs columns as the worker tells it: title, heading, body.
const WEIGHTS: [f64; 3] = [2.0, 3.0, 1.0];
const PREFIX: &str = "s1x";

/// A document: its path, its title, its Markdown.
pub struct Page {
    pub path: String,
    pub title: String,
    pub content: String,
}

/// A site's passages.
pub struct Index {
    pub rows: Vec<Candidate>,
    /// Of each row and column: the words.
    fields: Vec<[Vec<String>; 3]>,
    /// Where each word stands: rows that have it.
    postings: BTreeMap<String, Vec<usize>>,
    mean_length: f64,
}

impl Index {
    pub fn of(pages: &[Page]) -> Self {
        let stems = Stems::default();
        let mut rows = Vec::new();
        let mut fields = Vec::new();
        for page in pages {
            let passages = passages(DocumentFormat::Markdown, &page.title, &page.content);
            let language = Language::of(passages.iter().map(|passage| passage.text.as_str()));
            let indexed = |text: &str| {
                let words = for_index(text, language, &stems);
                let words = words.split(' ').filter(|word| !word.is_empty());
                words.map(|word| format!("{PREFIX}{word}")).collect()
            };
            for passage in passages {
                fields.push([
                    indexed(&page.title),
                    indexed(&passage.heading),
                    indexed(&passage.text),
                ]);
                rows.push(Candidate {
                    document: page.path.clone(),
                    title: page.title.clone(),
                    url: None,
                    heading: passage.heading,
                    text: passage.text,
                    language,
                    updated_at: UnixMs(0),
                    vector: None,
                });
            }
        }
        let mut postings: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, fields) in fields.iter().enumerate() {
            let fields: &[Vec<String>; 3] = fields;
            for word in fields.iter().flatten() {
                let rows = postings.entry(word.clone()).or_default();
                if rows.last() != Some(&at) {
                    rows.push(at);
                }
            }
        }
        let length = |fields: &[Vec<String>; 3]| fields.iter().map(Vec::len).sum::<usize>();
        let mean_length = fields.iter().map(length).sum::<usize>() as f64 / fields.len() as f64;
        Self {
            rows,
            fields,
            postings,
            mean_length,
        }
    }

    /// Looks a question up as the worker does, with the second try.
    pub fn find(&self, text: &str) -> SearchResults {
        let question = Question::parse(text, &[]);
        let (corpus, candidates) = self.search(&question);
        let near = self.near(&question);
        let found = SearchResults::new(question, corpus, candidates);
        if found.is_quotable() {
            return found;
        }
        let Some(corrected) = found.question.corrected(&near) else {
            return found;
        };
        let (corpus, candidates) = self.search(&corrected);
        SearchResults::new(corrected, corpus, candidates)
    }

    /// Orders what was found by meaning too, as the worker does: with the passages of the site that are nearest.
    pub fn with_embeddings(&self, found: SearchResults, question: &Vector) -> SearchResults {
        let texts: Vec<String> = self
            .rows
            .iter()
            .map(|row| row.vector.as_ref().map(Vector::text).unwrap_or_default())
            .collect();
        let beginnings = texts.iter().map(|text| {
            let end = text.len().min(BEGINNING_CHARACTERS);
            text.get(..end).expect("base64")
        });
        let near = nearest(question, (0..).zip(beginnings), N_CANDIDATES);
        let others = near.into_iter().map(|id| {
            let row = usize::try_from(id).expect("few");
            self.rows[row].clone()
        });
        found.with_embeddings(question, others.collect())
    }

    /// How often each row has an expression such as `"word"` or `("two words" OR "other")`, by FTS5's count of phrases.
    fn phrases(&self, expression: &str) -> Vec<HashMap<usize, f64>> {
        let phrases = expression.split('"').skip(1).step_by(2);
        let in_rows = |phrase: &str| {
            let words: Vec<&str> = phrase.split(' ').collect();
            let rows = words.first().and_then(|first| self.postings.get(*first));
            let mut found = HashMap::new();
            for row in rows.into_iter().flatten() {
                let mut frequency = 0.0;
                for (field, weight) in self.fields[*row].iter().zip(WEIGHTS) {
                    let n = field
                        .windows(words.len())
                        .filter(|window| window.iter().zip(&words).all(|(a, b)| a == b))
                        .count();
                    frequency += weight * n as f64;
                }
                if frequency > 0.0 {
                    found.insert(*row, frequency);
                }
            }
            found
        };
        phrases.map(in_rows).collect()
    }

    fn search(&self, question: &Question) -> (Corpus, Vec<Candidate>) {
        let n = self.rows.len() as f64;
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for found in self.phrases(&question.match_any(PREFIX)) {
            let n_with = found.len() as f64;
            let idf = ((n - n_with + 0.5) / (n_with + 0.5)).ln().max(1e-6);
            for (row, frequency) in found {
                let length = self.fields[row].iter().map(Vec::len).sum::<usize>() as f64;
                let norm = 1.2 * (0.25 + 0.75 * length / self.mean_length);
                *scores.entry(row).or_default() += idf * frequency * 2.2 / (frequency + norm);
            }
        }
        let n_with = |expression: &str| {
            let mut rows: Vec<usize> = self
                .phrases(expression)
                .iter()
                .flat_map(|found| found.keys().copied())
                .collect();
            rows.sort_unstable();
            rows.dedup();
            u32::try_from(rows.len()).expect("few")
        };
        let terms = question.match_terms(PREFIX);
        let terms = terms.iter().map(|term| TermFrequency {
            own: n_with(&term.own),
            any: n_with(&term.any),
        });
        let mut found: Vec<(usize, f64)> = scores.into_iter().collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        let candidates = found
            .into_iter()
            .take(N_CANDIDATES)
            .map(|(row, _)| self.rows[row].clone())
            .collect();
        (
            Corpus {
                passages: u32::try_from(self.rows.len()).expect("few"),
                terms: terms.collect(),
            },
            candidates,
        )
    }

    fn near(&self, question: &Question) -> Vec<SpellingSuggestion> {
        let mut near = Vec::new();
        for query in question.spelling_queries(PREFIX) {
            let is_there = self
                .phrases(&query.expression)
                .iter()
                .any(|found| !found.is_empty());
            if is_there {
                continue;
            }
            let words = self.postings.range(query.from..query.until);
            let words = words
                .map(|(word, _)| word)
                .filter(|word| (query.shortest..=query.longest).contains(&word.chars().count()));
            near.extend(words.filter_map(|word| {
                Some(SpellingSuggestion {
                    term: query.term,
                    word: word.strip_prefix(PREFIX)?.to_owned(),
                })
            }));
        }
        near
    }
}

/// The innermost heading of a path.
pub fn own_heading(path: &str) -> &str {
    path.rsplit(" › ").next().unwrap_or(path)
}
