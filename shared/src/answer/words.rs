//! Text to words as the index sees them.
//!
//! Follows the index's tokeniser (`porter unicode61 remove_diacritics 2`): a word is a run of letters and digits,
//! folded to lower case without diacritics, then cut to its English stem. The stemmer here is Snowball's English
//! (Porter's own revision of the index's): the two differ on few words, and both sides of a comparison here use ours.
//!
//! Source: <https://www.sqlite.org/fts5.html#unicode61_tokenizer>, <https://snowballstem.org/algorithms/english/stemmer.html>.

use rust_stemmers::{Algorithm, Stemmer};

/// A longer run of letters is no word that somebody asks for.
pub const MAX_WORD_CHARS: usize = 48;

/// A word of a text: where it stands, and what it reads folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded: lower case, no diacritics.
    pub folded: String,
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// The words of `text`, in order. Runs longer than [`MAX_WORD_CHARS`] are left out.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            while chars.next_if(|(_, c)| !is_word_char(*c)).is_some() {}
            let (start, _) = *chars.peek()?;
            let mut end = start;
            let mut folded = String::new();
            let mut n_chars = 0;
            while let Some((at, c)) = chars.next_if(|(_, c)| is_word_char(*c) || is_mark(*c)) {
                end = at + c.len_utf8();
                n_chars += 1;
                if n_chars <= MAX_WORD_CHARS {
                    fold(c, &mut folded);
                }
            }
            if n_chars <= MAX_WORD_CHARS && !folded.is_empty() {
                return Some(Word { folded, start, end });
            }
        }
    })
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() && !is_mark(c)
}

/// Combining marks: part of the word before them, and dropped.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// Latin letters with diacritics and the letter under them; other scripts keep theirs.
const PLAIN: [(&str, char); 22] = [
    ("àáâãäåāăąǎ", 'a'),
    ("çćĉċč", 'c'),
    ("ďđ", 'd'),
    ("èéêëēĕėęě", 'e'),
    ("ĝğġģ", 'g'),
    ("ĥħ", 'h'),
    ("ìíîïĩīĭįı", 'i'),
    ("ĵ", 'j'),
    ("ķ", 'k'),
    ("ĺļľŀł", 'l'),
    ("ñńņňŉ", 'n'),
    ("òóôõöøōŏőǒ", 'o'),
    ("ŕŗř", 'r'),
    ("śŝşšș", 's'),
    ("ţťŧț", 't'),
    ("ùúûüũūŭůűųǔ", 'u'),
    ("ŵ", 'w'),
    ("ýÿŷ", 'y'),
    ("źżž", 'z'),
    ("ë", 'e'),
    ("ḿ", 'm'),
    ("ẃẁẅ", 'w'),
];

pub(crate) fn fold(c: char, into: &mut String) {
    if c.is_ascii() {
        into.push(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        if !is_mark(lower) {
            into.push(
                PLAIN
                    .iter()
                    .find(|(letters, _)| letters.contains(lower))
                    .map_or(lower, |(_, plain)| *plain),
            );
        }
    }
}

/// Cuts words to their stems.
pub struct Stems(Stemmer);

impl Default for Stems {
    fn default() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }
}

impl Stems {
    /// The stem of a folded word. Words with anything but ASCII letters keep their form.
    pub fn of(&self, folded: &str) -> String {
        if folded.len() > 2 && folded.bytes().all(|byte| byte.is_ascii_lowercase()) {
            self.0.stem(folded).into_owned()
        } else {
            folded.to_owned()
        }
    }
}

/// Where sentences end in running text: byte positions after the full stop and what closes with it.
///
/// A full stop ends a sentence when a blank follows and the next word does not begin in lower case; common
/// abbreviations and single letters do not end one.
pub fn sentence_ends(text: &str) -> impl Iterator<Item = usize> + '_ {
    const ABBREVIATIONS: [&str; 14] = [
        "e.g.", "i.e.", "etc.", "vs.", "cf.", "mr.", "mrs.", "ms.", "dr.", "no.", "st.", "approx.",
        "inc.", "ltd.",
    ];
    let mut start_of_word = 0;
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while let Some((at, c)) = chars.next() {
            if c.is_whitespace() {
                start_of_word = at + c.len_utf8();
                continue;
            }
            // Scripts without blanks between words end a sentence with the mark alone.
            if matches!(c, '。' | '！' | '？') {
                return Some(at + c.len_utf8());
            }
            if !matches!(c, '.' | '!' | '?' | '…') {
                continue;
            }
            while chars
                .next_if(|(_, c)| {
                    matches!(
                        c,
                        '.' | '!' | '?' | '…' | ')' | '"' | '”' | '’' | '»' | '*' | '_'
                    )
                })
                .is_some()
            {}
            let end = chars.peek().map_or(text.len(), |(at, _)| *at);
            let rest = text.get(end..).unwrap_or_default();
            if !rest.starts_with(char::is_whitespace) {
                continue;
            }
            let word = text
                .get(start_of_word..end)
                .unwrap_or_default()
                .trim_start_matches(['(', '"', '“']);
            let is_initial = word.len() == 2 && word.ends_with('.');
            let is_number = word.ends_with('.')
                && word.len() <= 3
                && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let is_abbreviation = ABBREVIATIONS.contains(&word.to_lowercase().as_str());
            let goes_on = rest.trim_start().starts_with(char::is_lowercase);
            if !(is_initial || is_number || is_abbreviation || goes_on) {
                return Some(end);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> Vec<String> {
        words(text).map(|word| word.folded).collect()
    }

    #[test]
    fn words_are_what_the_index_makes_of_a_text() {
        for (text, expected) in [
            ("Hello, World!", vec!["hello", "world"]),
            (
                "origin_not_allowed frame-ancestors x.y",
                vec!["origin", "not", "allowed", "frame", "ancestors", "x", "y"],
            ),
            (
                "Café ÜBER naïve Ångström",
                vec!["cafe", "uber", "naive", "angstrom"],
            ),
            ("cafe\u{301}s", vec!["cafes"]),
            ("don't", vec!["don", "t"]),
            ("価格 はいくら", vec!["価格", "はいくら"]),
            ("🙂 \0 \"* AND (", vec!["and"]),
            ("", vec![]),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
        assert_eq!(folded(&format!("a {} b", "x".repeat(5000))), ["a", "b"]);
    }

    #[test]
    fn sentences_end_where_readers_say_so() {
        for (text, n_ends) in [
            ("One. Two! Three? Four", 3),
            ("See e.g. Paris. Then go.", 1),
            ("Version 1.2 is out. It works.", 1),
            ("J. Smith wrote it. Good.", 1),
            ("Use wrangler.toml for it", 0),
            ("He said “no.” Then left.", 1),
            ("etc. and so on", 0),
            ("一。二。", 2),
        ] {
            assert_eq!(sentence_ends(text).count(), n_ends, "{text}");
        }
    }

    #[test]
    fn words_of_one_family_share_a_stem() {
        let stems = Stems::default();
        for family in [
            ["origin", "origins", "origin"],
            ["delete", "deleting", "deleted"],
            ["cookie", "cookies", "cookie"],
        ] {
            let [first, second, third] = family.map(|word| stems.of(word));
            assert!(first == second && second == third, "{family:?}");
        }
        assert_eq!(stems.of("d1"), "d1");
        assert_eq!(stems.of("価格"), "価格");
    }

    proptest! {
        #[test]
        fn words_and_sentences_lie_inside_the_text(text in "(?s).{0,200}") {
            for word in words(&text) {
                prop_assert!(text.get(word.start..word.end).is_some());
                prop_assert!(word.folded.chars().all(|c| c.is_alphanumeric()));
            }
            let mut last = 0;
            for end in sentence_ends(&text) {
                prop_assert!(end > last && text.get(last..end).is_some());
                last = end;
            }
        }
    }
}
