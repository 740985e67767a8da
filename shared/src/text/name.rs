//! Names of people.

use super::label::label;
use super::{TextError, unicode};

/// Longer names exist; in a chat they are cut anyway.
pub const NAME_MAX: usize = 100;

/// Returns a person's name as it will be kept: as a [`label`], each run of white space one space, with at least one
/// letter.
///
/// Nothing else is asked of a name: people have one word or ten, digits, apostrophes and no capital letters.
///
/// # Errors
/// [`TextError`] as for a label, [`TextError::Form`] for a name without a letter.
pub fn name(text: &str) -> Result<String, TextError> {
    let text = label(text, NAME_MAX)?;
    if !text.chars().any(unicode::is_letter) {
        return Err(TextError::Form {
            expected: "a name with at least one letter",
        });
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_may_be_called_what_they_are_called() {
        for text in [
            "Ada Lovelace",
            "O’Brien",
            "Jean-Luc d'Arc",
            "Nguyễn Thị Minh Khai",
            "محمد",
            "علی\u{200c}رضا",
            "山田 太郎",
            "葛\u{e0100}城",
            "X Æ A-12",
            "李",
            "Þórdís",
        ] {
            assert_eq!(name(text).as_deref(), Ok(text), "{text}");
        }
        assert_eq!(name(" Zoe\u{308} \u{3000} Smith "), Ok("Zoë Smith".into()));
    }

    #[test]
    fn a_name_is_one_line_that_shows_what_it_is() {
        for (text, error) in [
            ("", TextError::Empty),
            ("Ann\u{200b}", TextError::Unprintable),
            ("Ann\u{200d}a", TextError::Unprintable),
            ("\u{202e}nnA", TextError::Unprintable),
            ("Ann\nSupport", TextError::Unprintable),
            ("\u{301}\u{302}", TextError::Marks),
            (
                "A\u{300}\u{316}\u{317}\u{318}\u{319}\u{31c}",
                TextError::Marks,
            ),
            ("\u{3164}", TextError::Unprintable),
        ] {
            assert_eq!(name(text), Err(error), "{text:?}");
        }
        for text in ["123", "...", "✅"] {
            assert!(matches!(name(text), Err(TextError::Form { .. })), "{text}");
        }
        assert_eq!(
            name(&"x".repeat(NAME_MAX + 1)),
            Err(TextError::TooLong { max: NAME_MAX })
        );
    }

    #[test]
    fn markup_in_a_name_is_the_letters_of_which_it_is_made() {
        assert_eq!(name("<b>Ann</b>").as_deref(), Ok("<b>Ann</b>"));
    }
}
