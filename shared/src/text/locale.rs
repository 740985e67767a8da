//! Languages, as BCP 47 writes them.

use icu_locale_core::LanguageIdentifier;

use super::TextError;

/// Longer than any language, script, region and variant that are in use together.
const LOCALE_MAX: usize = 35;

/// Returns a locale as it will be kept: language, script, region and variants in their usual case, `zh-Hant-TW`.
///
/// Extensions (`-u-…`, `-x-…`) are refused: nothing here would read them.
///
/// # Errors
/// [`TextError::Form`] for any other.
pub fn locale(text: &str) -> Result<String, TextError> {
    let form = TextError::Form {
        expected: "a language as BCP 47 writes it, such as en or pt-BR",
    };
    if text.len() > LOCALE_MAX {
        return Err(form);
    }
    let parsed = LanguageIdentifier::try_from_str(text).map_err(|_| form)?;
    // `und` is BCP 47's word for "not known".
    if parsed.language.is_unknown() {
        return Err(form);
    }
    Ok(parsed.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_kept_in_its_usual_form() {
        for (text, kept) in [
            ("en", "en"),
            ("DE-at", "de-AT"),
            ("pt-br", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sl-rozaj", "sl-rozaj"),
            ("gsw", "gsw"),
        ] {
            assert_eq!(locale(text).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn what_is_no_language_is_refused() {
        for text in [
            "",
            "e",
            "english",
            "und",
            "en-",
            "-en",
            "en--US",
            "en US",
            "en_US",
            "en-u-ca-buddhist",
            "en-x-secret",
            "*",
            "en,de",
            "en;q=0.5",
            "../en",
            "ën",
            "en\0",
            "en-US-en-US-en-US-en-US-en-US-en-US-en-US",
        ] {
            assert!(
                matches!(locale(text), Err(TextError::Form { .. })),
                "{text:?}: {:?}",
                locale(text)
            );
        }
    }
}
