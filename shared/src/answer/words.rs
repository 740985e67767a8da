//! Text to words.
//!
//! A word is a run of letters and digits, folded to lower case without diacritics. Scripts that put no blanks between
//! words (Chinese, Japanese, Thai) and those that glue endings to them (Korean) are cut into overlapping pairs of
//! characters, each within one kind of script, which is what search engines do without a dictionary.
//!
//! The index is handed words that were made here (see [`super::stems::for_index`]) and splits them at blanks alone, so
//! that what a word is has one definition for documents, questions and tests.

use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};

/// A longer run of letters is no word that somebody asks for.
pub const MAX_WORD_CHARS: usize = 48;

/// A word of a text: where it stands, and what it reads folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Folded: lower case, no diacritics.
    pub folded: String,
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte. Pairs of characters overlap.
    pub end: usize,
    /// How it was cut out of its text.
    pub script: Script,
}

/// How a script is cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// At what is no letter and no digit.
    Spaced,
    /// Han: into pairs.
    Han,
    /// Hiragana, Japanese's endings and function words: into pairs.
    Hiragana,
    /// Katakana: into pairs.
    Katakana,
    /// Hangul: into pairs.
    Hangul,
    /// Thai, Lao, Khmer and Burmese: into pairs.
    Unspaced,
}

impl Script {
    /// Returns the script of a character; `None` for what is part of no word.
    fn of(c: char) -> Option<Self> {
        Some(match c {
            _ if is_mark(c) || !c.is_alphanumeric() => return None,
            '\u{3041}'..='\u{309f}' => Self::Hiragana,
            '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => {
                Self::Katakana
            }
            '\u{3005}'
            | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' => Self::Han,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Self::Hangul,
            '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => {
                Self::Unspaced
            }
            _ => Self::Spaced,
        })
    }
}

/// Returns the words of `text`, in order. Runs longer than [`MAX_WORD_CHARS`] are left out.
pub fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut chars = text.char_indices().peekable();
    // In a run of pairs: its script, the last character, whether it is in a pair already.
    let mut open: Option<(Script, usize, char, bool)> = None;
    std::iter::from_fn(move || {
        loop {
            if let Some((script, start, last, is_paired)) = open.take() {
                let next = chars.next_if(|(_, c)| Script::of(*c) == Some(script));
                let (end, second) = match next {
                    Some((at, c)) => {
                        open = Some((script, at, c, true));
                        (at + c.len_utf8(), Some(c))
                    }
                    None if is_paired => continue,
                    // A character alone between others is a word.
                    None => (start + last.len_utf8(), None),
                };
                let folded = [last].into_iter().chain(second).collect();
                return Some(Word {
                    folded,
                    start,
                    end,
                    script,
                });
            }
            while chars.next_if(|(_, c)| Script::of(*c).is_none()).is_some() {}
            let (start, first) = *chars.peek()?;
            let script = Script::of(first)?;
            if script != Script::Spaced {
                chars.next();
                open = Some((script, start, first, false));
                continue;
            }
            let mut end = start;
            let mut folded = String::new();
            let mut n_chars = 0;
            while let Some((at, c)) =
                chars.next_if(|(_, c)| Script::of(*c) == Some(script) || is_mark(*c))
            {
                end = at + c.len_utf8();
                n_chars += 1;
                if n_chars <= MAX_WORD_CHARS {
                    fold(c, &mut folded);
                }
            }
            if n_chars <= MAX_WORD_CHARS && !folded.is_empty() {
                return Some(Word {
                    folded,
                    start,
                    end,
                    script,
                });
            }
        }
    })
}

/// Tells whether a character is a combining mark: part of the word before it, and dropped.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

pub(crate) fn fold(c: char, into: &mut String) {
    if c.is_ascii() {
        into.push(c.to_ascii_lowercase());
        return;
    }
    for lower in c.to_lowercase() {
        match lower {
            _ if is_mark(lower) => {}
            // Letters of their own that people without them on their keyboard write like this.
            'ß' => into.push_str("ss"),
            'æ' => into.push_str("ae"),
            'œ' => into.push_str("oe"),
            'ø' => into.push('o'),
            'đ' => into.push('d'),
            'ł' => into.push('l'),
            'ħ' => into.push('h'),
            'ı' => into.push('i'),
            'ŧ' => into.push('t'),
            _ => into.push(base(lower)),
        }
    }
}

/// Returns a Latin or Greek letter without what is written above, below and through it; other scripts keep theirs.
fn base(letter: char) -> char {
    const CANONICAL: CanonicalDecompositionBorrowed<'static> =
        CanonicalDecompositionBorrowed::new();
    let mut base = letter;
    loop {
        match CANONICAL.decompose(base) {
            Decomposed::Expansion(first, mark) if is_mark(mark) => base = first,
            Decomposed::Singleton(same) => base = same,
            // Latin and Greek end here.
            _ => return if base < '\u{400}' { base } else { letter },
        }
    }
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
            ("Straße Œuvre Łódź", vec!["strasse", "oeuvre", "lodz"]),
            ("Tiếng Việt", vec!["tieng", "viet"]),
            ("Ελλάδα", vec!["ελλαδα"]),
            ("Йод", vec!["йод"]),
            ("don't", vec!["don", "t"]),
            ("価格 はいくら", vec!["価格", "はい", "いく", "くら"]),
            ("🙂 \0 \"* AND (", vec!["and"]),
            ("", vec![]),
        ] {
            assert_eq!(folded(text), expected, "{text:?}");
        }
        assert_eq!(folded(&format!("a {} b", "x".repeat(5000))), ["a", "b"]);
    }

    #[test]
    fn scripts_without_blanks_are_cut_into_pairs() {
        for (text, expected) in [
            (
                "配送料はいくら",
                vec!["配送", "送料", "はい", "いく", "くら"],
            ),
            ("使い方", vec!["使", "い", "方"]),
            ("パスワードを", vec!["パス", "スワ", "ワー", "ード", "を"]),
            (
                "重置密码。API密钥",
                vec!["重置", "置密", "密码", "api", "密钥"],
            ),
            ("비밀번호 변경", vec!["비밀", "밀번", "번호", "변경"]),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn words_lie_inside_the_text(text in "(?s).{0,200}") {
            for word in words(&text) {
                prop_assert!(text.get(word.start..word.end).is_some());
                prop_assert!(word.folded.chars().all(|c| c.is_alphanumeric()));
            }
        }
    }
}
