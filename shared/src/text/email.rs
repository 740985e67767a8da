//! E-mail addresses.
//!
//! The form is that of the HTML standard's `<input type=email>` (section 4.10.5.1.5), which is what people's browsers
//! accept, within the lengths of RFC 5321 and with a dot in the host. It leaves out what RFC 5322 has beside: quoted
//! local parts, comments and address literals exist to be abused, in headers most of all.

use url::Host;

use super::TextError;

/// RFC 5321, section 4.5.3.1.3: a path has at most 256 octets, two of them brackets.
pub const EMAIL_MAX: usize = 254;
/// RFC 5321, section 4.5.3.1.1.
const LOCAL_MAX: usize = 64;

/// Returns an e-mail address as it will be kept: the host in its normal form (lower case, ASCII), the local part as
/// written, because only its host may say whether case matters.
///
/// # Errors
/// [`TextError`] for any other.
pub fn email(text: &str) -> Result<String, TextError> {
    let form = TextError::Form {
        expected: "an e-mail address",
    };
    if text.len() > EMAIL_MAX {
        return Err(TextError::TooLong { max: EMAIL_MAX });
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    let (local, host) = text.rsplit_once('@').ok_or(form)?;
    let is_local = (1..=LOCAL_MAX).contains(&local.len())
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b));
    let Ok(Host::Domain(host)) = Host::parse(host) else {
        return Err(form);
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !(is_local && host.contains('.') && host.split('.').all(is_label)) {
        return Err(form);
    }
    let address = format!("{local}@{host}");
    // Punycode is longer than what it stands for.
    if address.len() > EMAIL_MAX {
        return Err(TextError::TooLong { max: EMAIL_MAX });
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_a_browser_would_take_passes() {
        for (text, kept) in [
            ("ada@example.com", "ada@example.com"),
            (" Ada.L+chat@EXAMPLE.Co.UK ", "Ada.L+chat@example.co.uk"),
            ("o'brien_1@a-b.example", "o'brien_1@a-b.example"),
            ("info@münchen.example", "info@xn--mnchen-3ya.example"),
            ("x@1a.example", "x@1a.example"),
        ] {
            assert_eq!(email(text).as_deref(), Ok(kept), "{text}");
        }
    }

    #[test]
    fn every_other_address_is_refused() {
        for text in [
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "ada@localhost",
            "ada@@example.com",
            "a@b@example.com",
            "ada@example.com.",
            "ada@.example.com",
            "ada@example..com",
            "ada@-a.example",
            "ada@a-.example",
            "ada@a_b.example",
            "ada@127.0.0.1",
            "ada@[127.0.0.1]",
            "ada@0x7f.1",
            "\"ada lovelace\"@example.com",
            "ada(comment)@example.com",
            "Ada <ada@example.com>",
            "ada@example.com\r\nBcc: eve@example.com",
            "ada\n@example.com",
            "ada lovelace@example.com",
            "ädä@example.com",
            "ada@exa\u{200d}mple.com",
            "ada@example.com,eve@example.com",
            "ada@example.com?subject=x",
            "ada@example.com/x",
            "mailto:ada@example.com",
            "ada\u{202e}@example.com",
            "ada@example.com\0",
        ] {
            assert!(
                matches!(email(text), Err(TextError::Form { .. })),
                "{text:?}: {:?}",
                email(text)
            );
        }
        assert_eq!(email(" "), Err(TextError::Empty));
        assert!(email(&format!("{}@example.com", "a".repeat(65))).is_err());
        assert_eq!(
            email(&format!("a@{}example.com", "b.".repeat(125))),
            Err(TextError::TooLong { max: EMAIL_MAX })
        );
    }
}
