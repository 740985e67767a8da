//! Words and phrases that a site's owner listed, found in what somebody says, also while it is still being said.
//!
//! Keeps true: letters and digits decide, folded as the index folds them; case, accents, spaces, line breaks, markup
//! and punctuation between them hide nothing. A phrase of words begins and ends where words do, so that `ham` is not
//! found in `Birmingham`; scripts that put no spaces between words are exempt. Where a phrase may be about to begin,
//! [`scan`] says so: a text that is shown only up to there never shows a part of one. Of a run that is found inside
//! words, [`FREE_LETTERS`] may be shown: every other word begins like one.

use crate::answer::words;

/// Letters of a run that tell nobody anything.
pub const FREE_LETTERS: usize = 4;

/// A phrase that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    letters: Vec<char>,
    /// Whether it has to begin and end where words do.
    is_words: bool,
}

impl Phrase {
    /// Makes a phrase of a word or several, as people list them. `None` when there is no letter or digit in it.
    pub fn words(text: &str) -> Option<Self> {
        Self::new(text, true)
    }

    /// Makes a run of letters and digits that is found inside words, too.
    pub fn run(text: &str) -> Option<Self> {
        Self::new(text, false)
    }

    fn new(text: &str, is_words: bool) -> Option<Self> {
        let letters: Vec<char> = letters(text)
            .into_iter()
            .map(|letter| letter.folded)
            .collect();
        (!letters.is_empty()).then_some(Self { letters, is_words })
    }
}

/// What [`scan`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// A phrase, by its place in the list.
    Found(usize),
    /// None so far; the first of these bytes cannot become part of one, whatever follows.
    Clear(usize),
}

/// Looks for phrases in `text`, which follows the character `before`. More may follow unless it `is_end`.
pub fn scan(phrases: &[Phrase], before: Option<char>, text: &str, is_end: bool) -> Scan {
    let letters = letters(text);
    let mut clear = text.len();
    for (first, letter) in letters.iter().enumerate() {
        let preceding = text
            .get(..letter.start)
            .and_then(|text| text.chars().next_back());
        let is_word_start = !is_joined(preceding.or(before), text.get(letter.start..));
        let rest = letters.get(first..).unwrap_or_default();
        for (at, phrase) in phrases.iter().enumerate() {
            if phrase.is_words && !is_word_start {
                continue;
            }
            let is_same = rest
                .iter()
                .zip(&phrase.letters)
                .all(|(a, b)| a.folded == *b);
            if !is_same {
                continue;
            }
            match rest.get(phrase.letters.len() - 1) {
                Some(_) if !phrase.is_words => return Scan::Found(at),
                Some(last) => {
                    let after = text.get(last.end..).unwrap_or_default();
                    let is_open = after.is_empty() && !is_end;
                    if is_open {
                        clear = clear.min(letter.start);
                    } else if !is_joined(
                        text.get(..last.end)
                            .and_then(|text| text.chars().next_back()),
                        Some(after),
                    ) {
                        return Scan::Found(at);
                    }
                }
                None if !is_end && (phrase.is_words || rest.len() > FREE_LETTERS) => {
                    clear = clear.min(letter.start);
                }
                None => {}
            }
        }
    }
    Scan::Clear(clear)
}

/// Returns the end of a text in which a run may have begun: the last [`FREE_LETTERS`] letters, and what stands between
/// them.
pub fn open_end(text: &str) -> usize {
    let letters = letters(text);
    let first = letters.len().saturating_sub(FREE_LETTERS);
    letters.get(first).map_or(text.len(), |letter| letter.start)
}

/// Tells whether one of the phrases of an owner's list stands in the text.
pub fn any_in(list: &[String], text: &str) -> bool {
    !list.is_empty() && contains(&parse_list(list), text)
}

/// Tells whether a text holds one of the phrases.
pub fn contains(phrases: &[Phrase], text: &str) -> bool {
    matches!(scan(phrases, None, text, true), Scan::Found(_))
}

/// Returns the phrases of a list; what holds no letter is left out.
pub fn parse_list(list: &[String]) -> Vec<Phrase> {
    list.iter().filter_map(|text| Phrase::words(text)).collect()
}

struct Letter {
    start: usize,
    end: usize,
    folded: char,
}

fn letters(text: &str) -> Vec<Letter> {
    let mut found = Vec::with_capacity(text.len());
    let mut folded = String::new();
    for (start, c) in text.char_indices() {
        folded.clear();
        words::fold(c, &mut folded);
        let end = start + c.len_utf8();
        found.extend(
            folded
                .chars()
                .filter(|c| c.is_alphanumeric())
                .map(|folded| Letter { start, end, folded }),
        );
    }
    found
}

/// Tells whether a word goes on from one character to the next.
fn is_joined(before: Option<char>, after: Option<&str>) -> bool {
    let after = after.and_then(|text| text.chars().next());
    before.is_some_and(is_spaced) && after.is_some_and(is_spaced)
}

/// Tells whether a character is a letter or digit of a script that puts blanks between words; not Thai to Khmer,
/// Chinese and Japanese, and not Korean, whose words carry their particles.
fn is_spaced(c: char) -> bool {
    let is_unspaced = matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    c.is_alphanumeric() && !is_unspaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(phrases: &[&str]) -> Vec<Phrase> {
        phrases
            .iter()
            .filter_map(|text| Phrase::words(text))
            .collect()
    }

    #[test]
    fn a_phrase_is_found_however_it_is_dressed_and_not_inside_other_words() {
        for (phrase, text, expected) in [
            ("ham", "Cheese and HAM.", true),
            ("ham", "Birmingham", false),
            ("ham", "hammer", false),
            ("secret plan", "our Secret\n  Plan!", true),
            ("secret plan", "our **sec**ret pl\u{200b}an", true),
            ("secret plan", "our s-e-c-r-e-t plan", true),
            ("secret plan", "secret planning", false),
            ("café", "le CAFE\u{301}", true),
            ("Größe", "die GRÖSSE", true),
            ("refund", "refunds are slow", false),
            ("talk to a human", "let me talk, to a  Human", true),
            ("c++", "I like c", true),
            ("返金", "今日は返金できますか", true),
            ("返品", "返事の品", false),
            ("환불", "환불해 주세요", true),
            ("", "anything", false),
            ("404", "error 404", true),
            ("404", "14045", false),
            ("???", "what???", false),
        ] {
            assert_eq!(
                contains(&list(&[phrase]), text),
                expected,
                "{phrase} in {text}"
            );
        }
        assert!(contains(
            &[Phrase::run("k3y").expect("letters")],
            "xxK 3 yxx"
        ));
    }

    #[test]
    fn what_may_begin_a_phrase_is_named_before_it_does() {
        let phrases = list(&["secret plan", "plan b"]);
        for (text, expected) in [
            ("Our ", Scan::Clear(4)),
            ("Our s", Scan::Clear(4)),
            ("Our secret pl", Scan::Clear(4)),
            // Complete, unless a letter follows.
            ("Our secret plan", Scan::Clear(4)),
            ("Our secret plan.", Scan::Found(0)),
            ("Our secret plans", Scan::Clear(16)),
            ("Our secret plus", Scan::Clear(15)),
        ] {
            assert_eq!(scan(&phrases, None, text, false), expected, "{text}");
        }
        assert_eq!(
            scan(&phrases, None, "Our secret plan", true),
            Scan::Found(0)
        );
        // The word began before.
        assert_eq!(scan(&phrases, Some('x'), "plan b.", false), Scan::Clear(7));
    }

    proptest! {
        #[test]
        fn what_is_clear_never_becomes_part_of_a_phrase(
            head in "[ab c.]{0,20}", tail in "[ab c.]{0,20}",
        ) {
            let phrases = list(&["ab c", "cab", "b"]);
            if let Scan::Clear(clear) = scan(&phrases, None, &head, false) {
                let whole = format!("{head}{tail}");
                let shown = &head[..clear];
                let rest = &whole[clear..];
                // Nothing is found in what was shown alone, and what follows is judged the same without it.
                prop_assert!(!matches!(scan(&phrases, None, shown, false), Scan::Found(_)));
                prop_assert_eq!(
                    contains(&phrases, &whole),
                    matches!(scan(&phrases, shown.chars().next_back(), rest, true), Scan::Found(_))
                );
            }
        }

        #[test]
        fn no_text_and_no_phrase_breaks_it(phrase in "(?s).{0,12}", text in "(?s).{0,60}") {
            if let Some(phrase) = Phrase::words(&phrase) {
                let scan = scan(&[phrase], None, &text, false);
                if let Scan::Clear(clear) = scan {
                    prop_assert!(text.is_char_boundary(clear));
                }
            }
        }
    }
}
