//! One thing that a question asks for, and the ways to write it.

use serde::Serialize;

use super::runs::Run;
use crate::answer::language::Language;
use crate::answer::stems::Stems;

/// One thing that is asked for: a word, or an identifier such as `origin_not_allowed`, and other ways to write it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::answer) struct Term {
    /// The visitor's own folded words.
    pub own: Vec<String>,
    /// The ways to write it, the visitor's own first.
    pub spellings: Vec<Spelling>,
    /// How much it says when no document has it.
    pub kind: TermKind,
}

/// FTS5 expressions for one term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchTerm {
    /// As the visitor wrote it, or means exactly the same.
    pub own: String,
    /// Any way to write it.
    pub any: String,
}

/// What a term is, as far as its absence says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::answer) enum TermKind {
    /// A word or name.
    Word,
    /// One of [`LIGHT_WORDS`].
    Light,
    /// A pair of characters of a script without blanks: it may be no word at all.
    Piece,
}

/// A way to write a term.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::answer) struct Spelling {
    /// Stems that follow each other.
    pub stems: Vec<String>,
    /// How much it counts beside the visitor's own word, which counts 1.
    pub weight: f32,
}

/// A spelling of this weight is the visitor's own word.
pub(in crate::answer) const OWN: f32 = 1.0;

/// The last part of a compound is what it is a kind of.
const LAST_PART: f32 = 0.6;

/// A word joined with the one after it.
pub(super) const JOINED: f32 = 1.0;

/// General words that questions have and answers may well do without ("why does it *appear* twice", "*temporarily*").
/// They are searched for like others; only when no document has one it says little about what the question is about.
/// Besides these: adverbs in -ly. Folded, compared by stem.
const LIGHT_WORDS: &str = include_str!("light_words.txt");

impl Term {
    pub(super) fn new(run: &Run, languages: &[Language], stems: &Stems) -> Self {
        let mut term = Self {
            own: run.words.clone(),
            spellings: Vec::new(),
            kind: if run.is_spaced() {
                TermKind::Word
            } else {
                TermKind::Piece
            },
        };
        term.add(&run.words, 1.0, languages, stems);
        if run.words.len() > 1 {
            // `e-mail` and `email`.
            term.add(&[run.words.concat()], JOINED, languages, stems);
        }
        if let ([word], true) = (run.words.as_slice(), run.is_spaced()) {
            for language in languages {
                term.add_family(word, *language, stems);
            }
        }
        term
    }

    /// Adds other forms of the word, and what a compound is a kind of.
    fn add_family(&mut self, word: &str, language: Language, stems: &Stems) {
        let of = |word: &str| stems.of(word, language);
        let stem = of(word);
        if language == Language::English {
            let is_light = (word.len() > 5 && word.ends_with("ly"))
                || LIGHT_WORDS
                    .split_ascii_whitespace()
                    .any(|light| light.get(..2) == word.get(..2) && of(light) == stem);
            if is_light {
                self.kind = TermKind::Light;
            }
            for form in other_forms(word, &stem) {
                self.add(&[form], 1.0, &[language], stems);
            }
        }
        if language == Language::German {
            for part in last_parts(word).map(of) {
                if part.len() >= SHORTEST_PART {
                    self.add_stems(vec![part], LAST_PART);
                }
            }
        }
    }

    /// Adds a way to write it, as each language would.
    pub(in crate::answer) fn add(
        &mut self,
        words: &[String],
        weight: f32,
        languages: &[Language],
        stems: &Stems,
    ) {
        for language in languages {
            let stems = words.iter().map(|word| stems.of(word, *language)).collect();
            self.add_stems(stems, weight);
        }
    }

    /// Adds a way to write it. The first weight holds.
    pub(in crate::answer) fn add_stems(&mut self, stems: Vec<String>, weight: f32) {
        if !self.spellings.iter().any(|known| known.stems == stems) {
            self.spellings.push(Spelling { stems, weight });
        }
    }

    /// Returns its single words as they may stand in the index: as it was typed, and its stems.
    pub(in crate::answer) fn forms(&self) -> impl Iterator<Item = &str> {
        let own = self.own.first().into_iter();
        let stems = self
            .spellings
            .iter()
            .filter(|spelling| spelling.weight >= 1.0);
        own.chain(
            stems.filter_map(|spelling| match spelling.stems.as_slice() {
                [one] => Some(one),
                _ => None,
            }),
        )
        .map(String::as_str)
    }

    /// Writes the spellings of this weight at least: `"word"`, `"two words"` in this order, or `("word" OR "other")`.
    pub(in crate::answer) fn expression(&self, prefix: &str, weight: f32) -> String {
        let spellings = self.spellings.iter();
        let quoted: Vec<_> = spellings
            .filter(|spelling| spelling.weight >= weight)
            .map(|spelling| {
                let words = spelling.stems.iter().map(|stem| format!("{prefix}{stem}"));
                format!("\"{}\"", words.collect::<Vec<_>>().join(" "))
            })
            .collect();
        if let [one] = quoted.as_slice() {
            one.clone()
        } else {
            format!("({})", quoted.join(" OR "))
        }
    }
}

/// Forms of an English word that the stemmer puts elsewhere than the word: it takes the end of `embed` for that of a
/// past tense, and the second `d` of `adding` for one that the ending has doubled.
fn other_forms(word: &str, stem: &str) -> Vec<String> {
    if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Vec::new();
    }
    let base = ["ing", "ed"]
        .iter()
        .find_map(|ending| word.strip_suffix(ending))
        .filter(|base| base.len() > 2);
    let mut from_end = word.bytes().rev();
    let is_doubled = from_end.next() == from_end.next();
    let longer = (word.ends_with("ed") || is_doubled).then(|| format!("{word}ing"));
    let stem_itself = base.is_some().then(|| stem.to_owned());
    [longer, base.map(str::to_owned), stem_itself]
        .into_iter()
        .flatten()
        .collect()
}

/// Shorter endings are those of other words too.
const SHORTEST_PART: usize = 4;

/// Returns what a long German word may end with: a compound is a kind of its last part (`Logdatei` is a `Datei`).
/// Endings that are no words find nothing.
fn last_parts(word: &str) -> impl Iterator<Item = &str> {
    const SHORTEST_COMPOUND: usize = 8;
    let is_long = word.len() >= SHORTEST_COMPOUND && word.is_ascii();
    let starts = SHORTEST_PART..word.len().saturating_sub(SHORTEST_PART - 1);
    starts
        .filter(move |_| is_long)
        .filter_map(|start| word.get(start..))
}
