//! Ids that other systems made: the subject of a visitor token, its `jti`.

use super::TextError;

/// Room for a UUID, a URN or an e-mail address that serves as an id.
pub const EXTERNAL_ID_MAX: usize = 128;

/// Checks an id that another system made. It is compared as it is, never normalised: two ids that differ in one byte
/// are two visitors.
///
/// # Errors
/// [`TextError`] when it is empty, longer than 128 characters, or has control characters.
pub fn check(id: &str) -> Result<(), TextError> {
    if id.is_empty() {
        return Err(TextError::Empty);
    }
    if id.chars().nth(EXTERNAL_ID_MAX).is_some() {
        return Err(TextError::TooLong {
            max: EXTERNAL_ID_MAX,
        });
    }
    if id.chars().any(char::is_control) {
        return Err(TextError::Unprintable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_system_is_bounded_and_otherwise_its_own_affair() {
        for id in [
            "7",
            "auth0|5f7c",
            "ada@example.com",
            "urn:uuid:0-0",
            "学生 42",
            &"é".repeat(128),
        ] {
            assert_eq!(check(id), Ok(()), "{id}");
        }
        assert_eq!(check(""), Err(TextError::Empty));
        assert_eq!(check("a\n"), Err(TextError::Unprintable));
        assert_eq!(
            check(&"é".repeat(129)),
            Err(TextError::TooLong { max: 128 })
        );
    }
}
