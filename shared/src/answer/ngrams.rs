//! How alike a question and a passage look, by their character n-grams: a second opinion beside [`super::matcher`]'s
//! words.
//!
//! A question in other words than the document's still shares runs of letters with it: endings that no stemmer takes
//! off, parts of compounds (`Passwort` and `Passwortschutz`), words of one family (`encrypt` and `cryptography`), and
//! function words in the same company. So runs of four letters are weighed as words are, by BM25, each by how rare it
//! is among the candidates: no index has to be asked for that.
//!
//! It says nothing about when to be silent, and puts the very best first less often than words do.

use super::candidate::Candidate;
use super::float::count;
use super::words::{Script, words};

/// Letters of an n-gram, the blanks around a word counted.
const LETTERS: usize = 4;
/// Of a long text, the first so many.
const NGRAMS_MAX: usize = 256;
/// An n-gram in a heading is worth two of the body's.
const IN_HEADING: u16 = 2;
/// As usual for BM25: repeating an n-gram helps less and less, and a long passage has more of everything.
const SATURATION: f32 = 1.2;
const LENGTH_PRICE: f32 = 0.75;

/// Up to [`LETTERS`] characters, of 21 bits each.
type Ngram = u128;

/// The n-grams of a question, with how often each is in it; sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ngrams(Vec<(Ngram, u16)>);

impl Ngrams {
    /// Counts the runs of letters in a visitor's words.
    pub fn of(text: &str) -> Self {
        let mut all = Vec::new();
        ngrams(text, |ngram| {
            if all.len() < NGRAMS_MAX {
                all.push(ngram);
            }
        });
        all.sort_unstable();
        let mut counted: Vec<(Ngram, u16)> = Vec::new();
        for ngram in all {
            match counted.last_mut() {
                Some((last, n)) if *last == ngram => *n += 1,
                _ => counted.push((ngram, 1)),
            }
        }
        Self(counted)
    }

    /// Tells how alike each of these is, from 0 to 1.
    pub fn similarity(&self, candidates: &[Candidate]) -> Vec<f32> {
        let counted: Vec<_> = candidates.iter().map(|it| self.count(it)).collect();
        let n_all: f32 = counted.iter().map(|(_, n_all)| n_all).sum();
        let mean = (n_all / count(counted.len().max(1))).max(1.0);
        let weights: Vec<f32> = (0..self.0.len())
            .map(|at| self.weight(at, &counted))
            .collect();
        let whole: f32 = weights.iter().sum();
        let of = |(frequencies, n_all): &(Vec<u16>, f32)| {
            let limit = SATURATION * (1.0 - LENGTH_PRICE + LENGTH_PRICE * n_all / mean);
            let found = frequencies.iter().zip(&weights).map(|(n, weight)| {
                let n = f32::from(*n);
                weight * n / (n + limit)
            });
            found.sum::<f32>() / whole
        };
        if whole > 0.0 {
            counted.iter().map(of).collect()
        } else {
            vec![0.0; counted.len()]
        }
    }

    /// Tells how often a passage has each n-gram, and how many n-grams it has in all.
    fn count(&self, candidate: &Candidate) -> (Vec<u16>, f32) {
        let mut frequencies = vec![0_u16; self.0.len()];
        let mut n_all = 0;
        let texts = [
            (&candidate.title, 1),
            (&candidate.heading, IN_HEADING),
            (&candidate.text, 1),
        ];
        for (text, worth) in texts {
            ngrams(text, |ngram| {
                n_all += usize::from(worth);
                let at = self.0.binary_search_by_key(&ngram, |(known, _)| *known);
                if let Some(n) = at.ok().and_then(|at| frequencies.get_mut(at)) {
                    *n = n.saturating_add(worth);
                }
            });
        }
        (frequencies, count(n_all))
    }

    /// Returns what an n-gram weighs: more when few of the candidates have it, and when the question has it often.
    fn weight(&self, at: usize, counted: &[(Vec<u16>, f32)]) -> f32 {
        let has = |(frequencies, _): &&(Vec<u16>, f32)| frequencies.get(at).is_some_and(|n| *n > 0);
        let n_with = count(counted.iter().filter(has).count());
        let rarity = (count(counted.len()) - n_with + 0.5) / (n_with + 0.5);
        let n_asked = self.0.get(at).map_or(1.0, |(_, n)| f32::from(*n));
        (1.0 + rarity).ln() * (1.0 + n_asked.ln())
    }
}

/// Hands over the n-grams of a text: of a word all runs of four, the blanks at its ends counted; of scripts without
/// blanks their pairs.
fn ngrams(text: &str, mut take: impl FnMut(Ngram)) {
    let pack = |letters: &[char]| {
        let mut packed = 0;
        for letter in letters {
            packed = (packed << 21) | Ngram::from(u32::from(*letter));
        }
        packed
    };
    let mut letters = Vec::new();
    for word in words(text) {
        letters.clear();
        if word.script == Script::Spaced {
            letters.push(' ');
            letters.extend(word.folded.chars());
            letters.push(' ');
        } else {
            letters.extend(word.folded.chars());
        }
        if letters.len() <= LETTERS {
            take(pack(&letters));
        } else {
            letters.windows(LETTERS).for_each(|run| take(pack(run)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::answer::Language;
    use crate::id::UnixMs;

    fn passage(text: &str) -> Candidate {
        Candidate {
            document: "doc".to_owned(),
            title: String::new(),
            url: None,
            heading: String::new(),
            text: text.to_owned(),
            language: Language::English,
            updated_at: UnixMs(0),
            vector: None,
        }
    }

    #[test]
    fn what_shares_pieces_of_words_is_more_alike() {
        for (question, like, unlike) in [
            (
                "Wo ist das Passwort?",
                "Der Passwortschutz wird hier gesetzt",
                "Die Farbe wird hier gesetzt",
            ),
            (
                "is it encrypted",
                "Uses strong encryption",
                "Uses strong colours",
            ),
            ("配送料はいくら", "送料は無料です", "色は無料です"),
            (
                "wie schnell geht die lieferung",
                "Lieferzeiten: drei Tage",
                "Zeiten: drei Tage",
            ),
            ("webhok", "A webhook is sent", "A letter is sent"),
        ] {
            let similarity = Ngrams::of(question).similarity(&[passage(unlike), passage(like)]);
            assert!(similarity[1] > similarity[0], "{question}: {similarity:?}");
        }
    }

    #[test]
    fn nothing_is_like_nothing() {
        assert_eq!(Ngrams::of("").similarity(&[passage("a text")]), [0.0]);
        assert_eq!(Ngrams::of("a question").similarity(&[passage("")]), [0.0]);
        assert!(Ngrams::of("a question").similarity(&[]).is_empty());
        assert!(Ngrams::of(&"ab cd ".repeat(4_000)).0.len() <= NGRAMS_MAX);
    }

    proptest! {
        #[test]
        fn it_is_a_share(question in "(?s).{0,80}", texts in prop::collection::vec("(?s).{0,80}", 0..5)) {
            let candidates: Vec<_> = texts.iter().map(|text| passage(text)).collect();
            for similarity in Ngrams::of(&question).similarity(&candidates) {
                prop_assert!((0.0..=1.0).contains(&similarity), "{}", similarity);
            }
        }
    }
}
