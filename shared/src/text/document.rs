//! The text of a document of a site's knowledge.

use super::TextError;
use crate::wire::DOCUMENT_MAX_BYTES;

/// Checks the text of a document. It is kept as it was given, so that its owner finds it again.
///
/// # Errors
/// [`TextError`] when it is blank, larger than 2 MiB, or has control characters: those come from files that are no
/// text.
pub fn check(text: &str) -> Result<(), TextError> {
    if text.len() > DOCUMENT_MAX_BYTES {
        return Err(TextError::TooLong {
            max: DOCUMENT_MAX_BYTES,
        });
    }
    // Files begin with a byte order mark.
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(TextError::Empty);
    }
    // A form feed ends a page in plain text.
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if !text.chars().all(is_text) {
        return Err(TextError::Unprintable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_text_of_a_size_that_can_be_kept() {
        for text in [
            "\u{feff}# Cafe\u{301}\r\n\r\n\tcode\r",
            "page\u{c}page",
            "x",
        ] {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
        for (text, error) in [
            ("", TextError::Empty),
            (" \n", TextError::Empty),
            ("\u{feff}", TextError::Empty),
            ("%PDF-1.7\0", TextError::Unprintable),
            ("\u{1b}[1m", TextError::Unprintable),
        ] {
            assert_eq!(check(text), Err(error), "{text:?}");
        }
        assert_eq!(check(&"x".repeat(DOCUMENT_MAX_BYTES)), Ok(()));
        assert_eq!(
            check(&"x".repeat(DOCUMENT_MAX_BYTES + 1)),
            Err(TextError::TooLong {
                max: DOCUMENT_MAX_BYTES
            })
        );
    }
}
