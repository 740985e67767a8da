//! What all validators know about Unicode: one normal form, and the characters that hide, reorder or pile up.
//!
//! Sources: UAX 15 (normal forms), UTR 36 and UTS 39 (what deceives), RFC 5892 appendix A (where joiners belong).
//! The tables are those that the URL parser carries for names of hosts.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, JoiningType};

use super::TextError;

/// UTS 39, section 5.4: no script needs more than four marks without width on one letter.
const MARKS_MAX: usize = 4;

/// ZERO WIDTH NON-JOINER and ZERO WIDTH JOINER.
const ZWNJ: char = '\u{200c}';
const ZWJ: char = '\u{200d}';

/// Brings `text` to Unicode's composed form (NFC), so that what looks alike by definition is alike.
pub(crate) fn nfc(text: &str) -> Cow<'_, str> {
    const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
    NFC.normalize(text)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// Tells whether `c` reorders its neighbours or is a message that nobody sees: embeddings, overrides and isolates, the
/// deprecated format characters, and tags, in which a whole ASCII text can hide.
pub(super) fn is_hidden_order(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}

/// Tells whether a letter or symbol has no ink: those make a name that looks empty.
fn is_blank_letter(c: char) -> bool {
    matches!(
        c,
        '\u{034f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{ffa0}'
    )
}

/// Tells whether `c` is a letter of any script.
pub(super) fn is_letter(c: char) -> bool {
    use GeneralCategory as Is;
    matches!(
        category(c),
        Is::UppercaseLetter
            | Is::LowercaseLetter
            | Is::TitlecaseLetter
            | Is::ModifierLetter
            | Is::OtherLetter
    )
}

/// Tells whether a line holds something to read: a letter, a digit, a sign. Marks and spaces alone are nothing.
fn is_visible(c: char) -> bool {
    use GeneralCategory as Is;
    !matches!(
        category(c),
        Is::NonspacingMark
            | Is::SpacingMark
            | Is::EnclosingMark
            | Is::SpaceSeparator
            | Is::Format
            | Is::Control
    )
}

/// Refuses what has no place in one line that people trust to be what it looks like: controls and line separators,
/// every invisible format character, letters without ink, private-use and unassigned code points, and marks in heaps
/// or with nothing below them.
///
/// The joiners are the exception: Persian and many scripts of India cannot be written without them, nor can a family
/// of emoji. They pass where RFC 5892 lets them into names of hosts, and a ZWJ between two symbols. Anywhere else they
/// would make two names that look the same.
pub(super) fn check_line(text: &str) -> Result<(), TextError> {
    use GeneralCategory as Is;
    let mut has_ink = false;
    let mut before: Vec<char> = Vec::with_capacity(text.len());
    let mut n_marks = 0;
    for (at, c) in text.char_indices() {
        let is_mark = matches!(category(c), Is::NonspacingMark | Is::EnclosingMark);
        n_marks = if is_mark { n_marks + 1 } else { 0 };
        if is_mark && (n_marks > MARKS_MAX || before.last() == Some(&c)) {
            return Err(TextError::Marks);
        }
        if before.is_empty() && (is_mark || category(c) == Is::SpacingMark) {
            return Err(TextError::Marks);
        }
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        let is_refused = match category(c) {
            Is::Format => !is_joiner_in_place(c, &before, after),
            Is::Control
            | Is::LineSeparator
            | Is::ParagraphSeparator
            | Is::PrivateUse
            | Is::Surrogate
            | Is::Unassigned => true,
            _ => is_blank_letter(c) || is_selector_out_of_place(c, before.last()),
        };
        if is_refused {
            return Err(TextError::Unprintable);
        }
        has_ink |= is_visible(c);
        before.push(c);
    }
    if has_ink {
        Ok(())
    } else {
        Err(TextError::Empty)
    }
}

/// Tells whether `c` is a variation selector on a character that has no variants: then nobody sees it, and a name with
/// it passes for the name without. Emoji, ideographs (in names of people and places) and Mongolian need theirs.
fn is_selector_out_of_place(c: char, before: Option<&char>) -> bool {
    let base = before.copied().unwrap_or_default();
    let has_variants = match c {
        '\u{fe0e}' | '\u{fe0f}' => {
            let is_symbol = matches!(
                category(base),
                GeneralCategory::OtherSymbol | GeneralCategory::MathSymbol
            );
            (is_symbol && !base.is_ascii()) || matches!(base, '0'..='9' | '#' | '*')
        }
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => {
            matches!(base, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        }
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(base, '\u{1820}'..='\u{18aa}'),
        _ => true,
    };
    !has_variants
}

/// RFC 5892, appendices A.1 and A.2, and emoji sequences (UTS 51, section 1.4).
fn is_joiner_in_place(c: char, before: &[char], after: &str) -> bool {
    if !matches!(c, ZWJ | ZWNJ) {
        return false;
    }
    let Some(last) = before.last() else {
        return false;
    };
    // After a virama, on the way to another letter.
    if CanonicalCombiningClassMapBorrowed::new().get_u8(*last) == 9 {
        return after.chars().next().is_some_and(is_visible);
    }
    if c == ZWJ {
        // A symbol, perhaps with a colour of skin or the mark that asks for emoji.
        let is_symbol = |c: char| category(c) == GeneralCategory::OtherSymbol;
        let base = before
            .iter()
            .rev()
            .find(|c| !matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}'));
        return base.is_some_and(|c| is_symbol(*c)) && after.chars().next().is_some_and(is_symbol);
    }
    let joining = CodePointMapData::<JoiningType>::new();
    let side = |chars: &mut dyn Iterator<Item = char>| {
        chars
            .map(|c| joining.get(c))
            .find(|joins| *joins != JoiningType::Transparent)
    };
    matches!(
        side(&mut before.iter().rev().copied()),
        Some(JoiningType::LeftJoining | JoiningType::DualJoining)
    ) && matches!(
        side(&mut after.chars()),
        Some(JoiningType::RightJoining | JoiningType::DualJoining)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joiner_passes_where_a_script_needs_it() {
        for text in [
            "می\u{200c}خواهم",   // Persian: between letters that would join
            "क\u{94d}\u{200d}ष", // Devanagari: half a letter
            "क\u{94d}\u{200c}ष", // and with the virama shown
            "👩\u{200d}👧",
            "👩🏽\u{200d}⚕\u{fe0f}",
            "❤\u{fe0f}\u{200d}🔥",
        ] {
            assert_eq!(check_line(text), Ok(()), "{text}");
        }
        for text in [
            "ad\u{200d}min",
            "ad\u{200c}min",
            "\u{200d}a",
            "a\u{200d}",
            "م\u{200c}",
            "👩\u{200d}",
            "👩\u{200d}a",
            "\u{94d}\u{200c}",
        ] {
            assert!(check_line(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_variation_selector_passes_on_what_has_variants() {
        for text in [
            "❤\u{fe0f}",
            "☎\u{fe0e}",
            "1\u{fe0f}\u{20e3}",
            "↔\u{fe0f}",
            "葛\u{e0100}",
            "ᠠ\u{180b}",
        ] {
            assert_eq!(check_line(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_hides_or_reorders_is_refused() {
        for (c, why) in [
            ('\u{0}', "control"),
            ('\u{7f}', "control"),
            ('\u{85}', "control of C1"),
            ('\u{ad}', "soft hyphen"),
            ('\u{61c}', "Arabic letter mark"),
            ('\u{180e}', "Mongolian vowel separator"),
            ('\u{200b}', "zero width space"),
            ('\u{200e}', "left-to-right mark"),
            ('\u{200f}', "right-to-left mark"),
            ('\u{2028}', "line separator"),
            ('\u{2029}', "paragraph separator"),
            ('\u{202a}', "embedding"),
            ('\u{202e}', "override"),
            ('\u{2060}', "word joiner"),
            ('\u{2066}', "isolate"),
            ('\u{2069}', "end of an isolate"),
            ('\u{206f}', "deprecated format"),
            ('\u{feff}', "zero width no-break space"),
            ('\u{fff9}', "annotation"),
            ('\u{e0041}', "tag"),
            ('\u{34f}', "grapheme joiner"),
            ('\u{3164}', "Hangul filler"),
            ('\u{ffa0}', "half-width Hangul filler"),
            ('\u{2800}', "Braille without dots"),
            ('\u{fe0f}', "variation selector on a letter"),
            ('\u{fe00}', "another"),
            ('\u{e0100}', "and one for ideographs"),
            ('\u{180b}', "and one for Mongolian"),
            ('\u{e000}', "private use"),
            ('\u{f0000}', "private use of plane 15"),
            ('\u{378}', "unassigned"),
            ('\u{fffe}', "no character at all"),
        ] {
            assert_eq!(
                check_line(&format!("a{c}b")),
                Err(TextError::Unprintable),
                "{why}"
            );
        }
    }

    #[test]
    fn marks_stand_on_letters_and_in_small_numbers() {
        for text in [
            "\u{301}a",
            "\u{301}",
            "\u{903}a",
            "a\u{301}\u{301}",
            "a\u{300}\u{301}\u{302}\u{303}\u{304}",
        ] {
            assert_eq!(check_line(text), Err(TextError::Marks), "{text:?}");
        }
        // Vietnamese, Hebrew with points, Thai, Burmese, Devanagari.
        for text in ["Nguyễn Thị", "בְּרֵאשִׁית", "ที่รัก", "မြန်မာ", "हिन्दी"]
        {
            assert_eq!(check_line(&nfc(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn spaces_alone_are_nothing() {
        assert_eq!(check_line("\u{3000}\u{a0}"), Err(TextError::Empty));
    }
}
