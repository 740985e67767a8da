//! What a visitor or a person of the team says, and the ids that clients give it.

use super::{TextError, unicode};

/// A long question is a page of text; more is a document, or an attack on the page that shows it.
pub const MESSAGE_MAX: usize = 4_000;
/// Room for a UUID or any other id that a client might make.
pub const CLIENT_ID_MAX: usize = 64;

/// Returns a message as it will be kept: in Unicode's composed form, white space around it dropped, line ends as `\n`.
///
/// What reorders or hides is dropped and not refused: a telephone number copied from an address book comes wrapped in
/// such characters, and its owner cannot see them. Joiners and the plain direction marks stay: several scripts and
/// emoji need them.
///
/// # Errors
/// [`TextError`] for an empty, overlong or unprintable text.
pub fn message(text: &str) -> Result<String, TextError> {
    lines(text, MESSAGE_MAX)
}

/// Lines of at most `max` characters, as [`message`] keeps them.
///
/// # Errors
/// As [`message`].
pub fn lines(text: &str, max: usize) -> Result<String, TextError> {
    // Counted before any copy is made, so that a huge text costs nothing.
    if text.chars().nth(max * 2).is_some() {
        return Err(TextError::TooLong { max });
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text
        .chars()
        .filter(|c| !unicode::is_hidden_order(*c) && *c != '\u{feff}')
        .collect();
    let text = unicode::nfc(text.trim());
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(TextError::Unprintable);
    }
    Ok(text.into_owned())
}

/// Checks an id that a client made for its message.
///
/// # Errors
/// [`TextError::Form`] unless it is 1 to 64 of `A-Z a-z 0-9 _ -`.
pub fn check_client_id(id: &str) -> Result<(), TextError> {
    let is_good = (1..=CLIENT_ID_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    is_good.then_some(()).ok_or(TextError::Form {
        expected: "1 to 64 letters, digits, `_` or `-`",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded_and_printable() {
        for (text, expected) in [
            ("  hi \r\n there ", Ok("hi \n there")),
            ("שלום 👩‍👧", Ok("שלום 👩‍👧")),
            ("cafe\u{301}", Ok("café")),
            ("call \u{202a}+41 44\u{202c}", Ok("call +41 44")),
            ("pay\u{202e}lap", Ok("paylap")),
            ("hi\u{e0069}\u{e0067}", Ok("hi")),
            ("", Err(TextError::Empty)),
            ("\u{202e}\u{feff}", Err(TextError::Empty)),
            (" \n ", Err(TextError::Empty)),
            ("nul\0", Err(TextError::Unprintable)),
            ("esc\u{1b}[31m", Err(TextError::Unprintable)),
        ] {
            assert_eq!(message(text), expected.map(str::to_owned), "{text:?}");
        }
        assert_eq!(
            message(&"é".repeat(MESSAGE_MAX)).map(|text| text.chars().count()),
            Ok(MESSAGE_MAX)
        );
        assert_eq!(
            message(&"é".repeat(MESSAGE_MAX + 1)),
            Err(TextError::TooLong { max: MESSAGE_MAX })
        );
    }

    #[test]
    fn client_ids_are_plain() {
        assert!(check_client_id("m-1_A").is_ok());
        for id in ["", "a b", "é", "a.b", &"a".repeat(65)] {
            assert!(check_client_id(id).is_err(), "{id}");
        }
    }
}
