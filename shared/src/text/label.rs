//! One line that people read: names, titles, greetings.

use super::{TextError, unicode};

/// A site's name, on top of the chat.
pub const NAME_MAX: usize = 80;
/// A document's title, under an answer.
pub const TITLE_MAX: usize = 200;
/// The greeting and the disclosure: a sentence or two each.
pub const SENTENCE_MAX: usize = 400;

/// Returns a label as it will be kept: in Unicode's composed form, white space around it dropped.
///
/// # Errors
/// [`TextError`] when it is empty, longer than `max` characters, or has characters that hide, reorder or pile up.
pub fn label(text: &str, max: usize) -> Result<String, TextError> {
    // Composing makes a text shorter, by a factor of four at the most: counted first, so that a huge one costs nothing.
    if text.chars().nth(max * 4).is_some() {
        return Err(TextError::TooLong { max });
    }
    let text = unicode::nfc(text.trim());
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().nth(max).is_some() {
        return Err(TextError::TooLong { max });
    }
    unicode::check_line(&text)?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_printable_line() {
        assert_eq!(label(" Café Zürich ", NAME_MAX), Ok("Café Zürich".into()));
        // Words whose accents are typed apart are the same label.
        assert_eq!(
            label("Cafe\u{301} Zu\u{308}rich", NAME_MAX),
            Ok("Café Zürich".into())
        );
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
