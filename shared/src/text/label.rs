//! One line that people read: names, titles, greetings.

use super::{TextError, is_trickery};

/// A site's name, on top of the chat.
pub const NAME_MAX: usize = 80;
/// A document's title, under an answer.
pub const TITLE_MAX: usize = 200;
/// The greeting and the disclosure: a sentence or two each.
pub const SENTENCE_MAX: usize = 400;

/// A label as it will be kept, white space around it dropped.
///
/// # Errors
/// [`TextError`] when it is empty, longer than `max` characters, or has control, bidi-override or zero-width
/// characters.
pub fn label(text: &str, max: usize) -> Result<String, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().nth(max).is_some() {
        return Err(TextError::TooLong { max });
    }
    if text.chars().any(|c| c.is_control() || is_trickery(c)) {
        return Err(TextError::Unprintable);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_printable_line() {
        assert_eq!(label(" Café Zürich ", NAME_MAX), Ok("Café Zürich".into()));
        for (text, error) in [
            ("", TextError::Empty),
            ("two\nlines", TextError::Unprintable),
            ("pay\u{202e}lap", TextError::Unprintable),
            ("zero\u{200b}width", TextError::Unprintable),
        ] {
            assert_eq!(label(text, NAME_MAX), Err(error), "{text:?}");
        }
        assert_eq!(
            label(&"x".repeat(81), NAME_MAX),
            Err(TextError::TooLong { max: 80 })
        );
    }
}
