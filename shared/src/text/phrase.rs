//! Words and phrases that a site's owner listed, looked for in what somebody says.

use super::unicode;

/// Whether one of the phrases stands in the text: whole words, whatever their case, and whatever stands between them
/// that is neither letter nor digit.
pub fn any_in(phrases: &[String], text: &str) -> bool {
    if phrases.is_empty() {
        return false;
    }
    let text = words(text);
    phrases.iter().any(|phrase| {
        let phrase = words(phrase);
        // Nothing but signs would be everywhere.
        phrase.len() > 1 && text.contains(&phrase)
    })
}

/// The words of a text in lower case, a blank before and after each. Scripts that write without blanks have a word a
/// character.
fn words(text: &str) -> String {
    let text = unicode::nfc(text);
    let mut words = String::from(" ");
    for c in text.chars().flat_map(char::to_lowercase) {
        if is_unspaced(c) {
            if !words.ends_with(' ') {
                words.push(' ');
            }
            words.push(c);
            words.push(' ');
        } else if c.is_alphanumeric() {
            words.push(c);
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words.ends_with(' ') {
        words.push(' ');
    }
    words
}

/// Thai and Lao, kana, ideographs, Hangul (whose words carry their particles).
const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_as_whole_words_whatever_their_case() {
        for (phrase, text, expected) in [
            ("refund", "I want a REFUND!", true),
            ("refund", "refunds are slow", false),
            ("talk to a human", "let me talk, to a  Human", true),
            ("café", "the cafe\u{301} is closed", true),
            ("c++", "I like c", true),
            ("!!!", "help!!!", false),
            ("返品", "この商品を返品したい", true),
            ("返品", "返事の品", false),
            ("", "anything", false),
        ] {
            assert_eq!(
                any_in(&[phrase.to_owned()], text),
                expected,
                "{phrase:?} in {text:?}"
            );
        }
        assert!(!any_in(&[], "anything"));
    }
}
