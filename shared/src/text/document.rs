//! The text of a document of a site's knowledge.

use super::{TextError, unicode};
use crate::wire::DOCUMENT_MAX_BYTES;

/// The text of a document as it will be kept: in Unicode's composed form, so that a question finds its words however
/// they were typed, line ends as `\n`, without a byte order mark.
///
/// # Errors
/// [`TextError`] when it is blank, larger than 2 MiB, or has control characters: those come from files that are no text.
pub fn content(text: &str) -> Result<String, TextError> {
    if text.len() > DOCUMENT_MAX_BYTES {
        return Err(TextError::TooLong {
            max: DOCUMENT_MAX_BYTES,
        });
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    // A form feed ends a page in plain text.
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if !text.chars().all(is_text) {
        return Err(TextError::Unprintable);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = unicode::nfc(&text).into_owned();
    // Composing can make a text longer: a few characters are kept apart for good.
    if text.len() > DOCUMENT_MAX_BYTES {
        return Err(TextError::TooLong {
            max: DOCUMENT_MAX_BYTES,
        });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_text_in_one_form() {
        assert_eq!(
            content("\u{feff}# Cafe\u{301}\r\n\r\n\tcode\r").as_deref(),
            Ok("# Café\n\n\tcode\n")
        );
        assert_eq!(content(" \n"), Err(TextError::Empty));
        assert_eq!(content("\u{feff}"), Err(TextError::Empty));
        assert_eq!(content("%PDF-1.7\0"), Err(TextError::Unprintable));
        assert_eq!(content("\u{1b}[1m"), Err(TextError::Unprintable));
        assert!(content(&"x".repeat(DOCUMENT_MAX_BYTES)).is_ok());
        assert!(content(&"x".repeat(DOCUMENT_MAX_BYTES + 1)).is_err());
    }
}
