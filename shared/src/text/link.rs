//! Addresses that are shown as links.

use super::TextError;

/// Longer addresses do not survive being copied.
pub const LINK_MAX: usize = 2_000;

/// Returns an address that a browser may be sent to: `http` or `https`, without credentials. In its normal form.
///
/// # Errors
/// [`TextError`] for any other.
pub fn web_address(text: &str) -> Result<String, TextError> {
    if text.len() > LINK_MAX {
        return Err(TextError::TooLong { max: LINK_MAX });
    }
    let form = TextError::Form {
        expected: "an http or https address without credentials",
    };
    // The URL parser drops line breaks and tabs, and spaces at the ends: what is kept would not be what was read.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(form);
    }
    let url = url::Url::parse(text).map_err(|_| form)?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.username().is_empty() && url.password().is_none();
    if !(is_web && is_bare) {
        return Err(form);
    }
    let address = String::from(url);
    // The normal form writes three bytes for one that is not ASCII.
    if address.len() > LINK_MAX {
        return Err(TextError::TooLong { max: LINK_MAX });
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_pass() {
        assert_eq!(
            web_address("HTTPS://Example.com"),
            Ok("https://example.com/".into())
        );
        for text in [
            "",
            "javascript:alert(1)",
            "data:text/html,x",
            "//example.com",
            "https://u:p@example.com",
            "https://bank.example@evil.example",
            "https://",
            "java\nscript:alert(1)",
            "https://exa\nmple.com",
            " https://example.com",
            "https://example.com/a b",
            "https://example.com/\0",
            "/docs",
        ] {
            assert!(web_address(text).is_err(), "{text}");
        }
    }
}
