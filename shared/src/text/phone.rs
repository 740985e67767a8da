//! Telephone numbers, in the form in which every network understands them: E.164.

use super::TextError;

/// E.164 (ITU-T, 11/2010), section 6.2.1: digits at the most, the country's among them.
const DIGITS_MAX: usize = 15;
/// Numbers that can be called from abroad have no fewer; what is shorter is an extension or an emergency number.
const DIGITS_MIN: usize = 7;

/// Returns a telephone number as it will be kept: `+` and digits. Spaces, hyphens, dots and brackets that people write
/// between the digits are dropped.
///
/// Whether the number is in use, or of which kind, is not decided here: that takes a table that is out of date when it
/// is shipped.
///
/// # Errors
/// [`TextError::Form`] for any other, national numbers (without `+` and the country's code) included.
pub fn phone(text: &str) -> Result<String, TextError> {
    let form = TextError::Form {
        expected: "a telephone number with its country code, such as +41 44 668 18 00",
    };
    let written = text.trim();
    if written.is_empty() {
        return Err(TextError::Empty);
    }
    // `+44 (0)20`: the zero is dialled at home only. Whoever wrote it should say which number is meant.
    if written.len() > 4 * DIGITS_MAX || written.contains("(0)") {
        return Err(form);
    }
    let digits: String = written
        .strip_prefix('+')
        .ok_or(form)?
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}' | '\u{2011}'))
        .collect();
    let is_number = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    is_number.then(|| format!("+{digits}")).ok_or(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_kept_as_the_networks_write_it() {
        for (text, kept) in [
            ("+41446681800", "+41446681800"),
            (" +41 44 668 18 00 ", "+41446681800"),
            ("+1 (415) 555-0100", "+14155550100"),
            ("+49.30.1234567", "+49301234567"),
            ("+683 4000", "+6834000"),
            ("+123456789012345", "+123456789012345"),
        ] {
            assert_eq!(phone(text).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn what_no_network_can_call_is_refused() {
        for text in [
            "044 668 18 00",
            "0041446681800",
            "+0123456789",
            "+123456",
            "+1234567890123456",
            "+44 (0)20 7946 0000",
            "+1 415 555 0100 x12",
            "+1415555010a",
            "+١٤١٥٥٥٥٠١٠٠",
            "+1\u{202e}4155550100",
            "++14155550100",
            "+",
            "tel:+14155550100",
            "+14155550100;phone-context=x",
            "+1415\n5550100",
        ] {
            assert!(
                matches!(phone(text), Err(TextError::Form { .. })),
                "{text:?}"
            );
        }
        assert_eq!(phone(" "), Err(TextError::Empty));
    }
}
