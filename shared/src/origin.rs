//! Origins and safelists: may a page on this origin embed this site?
//!
//! Keeps true: an entry matches exactly (scheme, host, port) or, written `*.example.com`, one or more labels below a
//! host over https on the default port; anything else matches nothing, and an empty list admits nobody. `null`, a
//! missing origin and anything that a browser would not write as an origin are refused.
//!
//! An entry is read once, by WHATWG rules (feature `edge`), and from then on travels as the text of a [`Pattern`];
//! the frame and the edge match with the same function. Source: HTML section 7.1.1 (serialisation of an origin),
//! RFC 6454 section 6.2, and the WHATWG URL standard for parsing.

use crate::ascii_split::{split, split_once};

/// One safelist entry in its normal form: `scheme://host[:port]`, or `https://*.host`, with the default port left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Returns the entry as the frame and `frame-ancestors` write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Tells whether a page on `origin` may embed, by patterns in their normal form. `origin` is in the serialised form
/// that browsers give (`MessageEvent.origin`); the pattern `*` admits every tuple origin, for signed sites without a
/// list.
pub fn admits<P: AsRef<str>>(patterns: &[P], origin: &str) -> bool {
    let Some((scheme, host)) = scheme_and_rest(origin) else {
        return false;
    };
    patterns.iter().any(|pattern| match pattern.as_ref() {
        "*" => true,
        exact if exact == origin => split_once(exact, b'*').is_none(),
        wild => scheme_and_rest(wild).is_some_and(|(its_scheme, its_host)| {
            // One or more labels, none of them empty.
            let labels = its_host
                .strip_prefix("*")
                .and_then(|suffix| host.strip_suffix(suffix));
            its_scheme == scheme && split(labels.unwrap_or(""), b'.').all(|label| !label.is_empty())
        }),
    })
}

/// Splits an origin into its scheme and the rest.
fn scheme_and_rest(origin: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = split_once(origin, b':')?;
    Some((scheme, rest.strip_prefix("//")?))
}

impl AsRef<str> for Pattern {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Why a safelist entry was refused.
#[cfg(feature = "edge")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Not an origin, a host, or `*.` and a host.
    #[error(
        "`{entry}` is not an origin such as https://example.com, nor example.com, nor *.example.com"
    )]
    Form {
        /// What was written.
        entry: String,
    },
}

/// Reads a safelist entry: `https://example.com`, `http://localhost:3000`, `example.com` (https, default port) or
/// `*.example.com` (https, default port, one or more labels below).
///
/// # Errors
/// [`EntryError::Form`] for everything else, a path, a query, credentials and other wildcards included.
#[cfg(feature = "edge")]
pub fn parse_entry(entry: &str) -> Result<Pattern, EntryError> {
    let refused = || EntryError::Form {
        entry: entry.to_owned(),
    };
    if let Some(apex) = entry.strip_prefix("*.") {
        let origin = parse_exact(&format!("https://{apex}")).ok_or_else(refused)?;
        let host = origin.strip_prefix("https://").ok_or_else(refused)?;
        // `*.co` or an address below a star names nobody's site, and a port is not part of this form.
        let is_name = host.contains('.')
            && !host.contains(':')
            && host.bytes().any(|byte| byte.is_ascii_alphabetic());
        return is_name
            .then(|| Pattern(format!("https://*.{host}")))
            .ok_or_else(refused);
    }
    if entry.contains("://") {
        return parse_exact(entry).map(Pattern).ok_or_else(refused);
    }
    // A bare host: no port, no path, nothing that only a full origin may say.
    // `null` is what opaque origins call themselves, and no host.
    if entry.eq_ignore_ascii_case("null") || entry.contains([':', '/', '?', '#', '@', '\\']) {
        return Err(refused());
    }
    parse_exact(&format!("https://{entry}"))
        .map(Pattern)
        .ok_or_else(refused)
}

/// Reads an `Origin` header. `None` for `null` and for whatever is not exactly `scheme://host[:port]`, even where a
/// URL parser would repair it.
#[cfg(feature = "edge")]
pub fn parse_origin(header: &str) -> Option<String> {
    parse_exact(header)
}

/// Brings `scheme://host[:port]` with http or https to its normal form: lower case, IDN in ASCII, default port left
/// out.
#[cfg(feature = "edge")]
fn parse_exact(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")) {
        return None;
    }
    // What the URL parser would repair or drop is refused before it sees it.
    let is_clean = !rest.is_empty()
        && !rest
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || "/\\?#@*%".contains(c));
    if !is_clean || rest.ends_with(':') {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    // The URL parser lets `;`, `,` and quotes stand in a host. No real name has them, and safelist entries become part
    // of a Content-Security-Policy, where `;` would begin a directive.
    let host = url.host_str().filter(|host| {
        let is_address = matches!(url.host(), Some(url::Host::Ipv6(_)));
        !host.is_empty()
            && (is_address
                || host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)))
    })?;
    Some(match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    })
}

/// Returns the embedders of a site: the patterns that may frame it and talk to its frame.
///
/// A signed site with an empty safelist may be framed from anywhere, native apps' web views included: the token is
/// the lock. A safelist site with an empty list is closed.
pub fn embedders(is_signed: bool, safelist: &[String]) -> Vec<String> {
    if is_signed && safelist.is_empty() {
        vec!["*".to_owned()]
    } else {
        safelist.to_vec()
    }
}

#[cfg(all(test, feature = "edge"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(safelist: &[&str], origin: &str) -> bool {
        let patterns: Vec<_> = safelist
            .iter()
            .filter_map(|entry| parse_entry(entry).ok())
            .collect();
        parse_origin(origin).is_some_and(|origin| admits(&patterns, &origin))
    }

    #[test]
    fn an_empty_safelist_admits_nobody() {
        assert!(!allows(&[], "https://example.com"));
    }

    #[test]
    fn an_entry_cannot_carry_a_policy_directive() {
        for entry in [
            "https://a.example;script-src",
            "a.example;script-src",
            "*.a.example;x",
            "https://a.example,b.example",
            "https://a.example'",
            "https://a.example'self'",
        ] {
            assert!(parse_entry(entry).is_err(), "{entry}");
        }
        assert!(
            parse_entry("https://[::1]:3000").is_ok() && parse_entry("my_shop.example").is_ok()
        );
    }

    #[test]
    fn origins_match_a_safelist_as_the_standards_say() {
        let cases = include_str!("../../testdata/origins.jsonl");
        let mut n_cases = 0;
        for line in cases.lines() {
            let case: serde_json::Value =
                serde_json::from_str(line).expect("the file is JSON lines");
            let safelist: Vec<&str> = case["safelist"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|e| e.as_str())
                .collect();
            let origin = case["origin"].as_str().unwrap_or("");
            assert_eq!(
                Some(allows(&safelist, origin)),
                case["allow"].as_bool(),
                "{line}"
            );
            n_cases += 1;
        }
        assert!(n_cases > 100);
    }

    fn any_host() -> impl Strategy<Value = String> {
        // No two hyphens in a row: `xn--` and letters at random is a name that no URL may have.
        prop::collection::vec("[a-z](-?[a-z0-9]){1,7}", 2..4).prop_map(|labels| labels.join("."))
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own_normal_form(text in ".{0,40}|https?://[ -~]{1,30}|(\\*\\.)?[A-Za-z0-9.:-]{1,20}") {
            if let Some(origin) = parse_origin(&text) {
                prop_assert_eq!(parse_origin(&origin), Some(origin.clone()));
                prop_assert!(admits(&[&origin], &origin));
            }
            if let Ok(pattern) = parse_entry(&text) {
                let again = pattern.as_str().replace("https://*.", "*.");
                prop_assert_eq!(parse_entry(&again), Ok(pattern));
            }
        }

        #[test]
        fn no_other_host_is_admitted(listed in any_host(), other in any_host(), port in 1_u16..) {
            prop_assume!(listed != other);
            let own = format!("https://{listed}");
            prop_assert!(allows(&[&listed], &own));
            for origin in [
                format!("https://{other}"),
                format!("https://{other}:{port}"),
                format!("https://{listed}.{other}"),
                format!("https://{listed}{other}"),
                format!("https://{other}.{listed}"),
                format!("https://x{listed}"),
                format!("http://{listed}"),
                format!("https://{other}/{listed}"),
                format!("https://{other}@{listed}"),
                format!("https://{listed}@{other}"),
            ] {
                prop_assert!(!allows(&[&listed], &origin), "{}", origin);
            }
        }

        #[test]
        fn a_star_admits_only_what_is_below_it(apex in any_host(), other in any_host(), below in "[a-z]{1,5}(\\.[a-z]{1,5}){0,2}") {
            prop_assume!(other != apex && !other.ends_with(&format!(".{apex}")));
            let star = format!("*.{apex}");
            let own = format!("https://{below}.{apex}");
            prop_assert!(allows(&[&star], &own));
            for origin in [
                format!("https://{apex}"),
                format!("https://{below}{apex}"),
                format!("https://{other}"),
                format!("https://{below}.{apex}.{other}"),
                format!("https://.{apex}"),
                format!("https://{below}..{apex}"),
                format!("http://{below}.{apex}"),
                format!("https://{below}.{apex}:8443"),
                format!("https://{other}/.{apex}"),
            ] {
                prop_assert!(!allows(&[&star], &origin), "{}", origin);
            }
        }
    }
}
