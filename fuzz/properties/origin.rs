//! A safelist admits what it says and nothing else, and can be written into a header.
//!
//! An input is an entry, a line break, and an `Origin` header.

use oriel_shared::origin::{admits, parse_entry, parse_origin};

/// Panics when the property does not hold for `input`.
pub fn hold(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (entry, header) = text.split_once('\n').unwrap_or((text, text));
    let origin = parse_origin(header);
    if let Some(origin) = &origin {
        assert_eq!(parse_origin(origin).as_ref(), Some(origin));
        assert!(admits(&[origin], origin));
        assert!(!admits::<&str>(&[], origin));
        is_safe_in_a_policy(origin);
    }
    let Ok(pattern) = parse_entry(entry) else {
        return;
    };
    let pattern = pattern.as_str();
    is_safe_in_a_policy(pattern);
    match pattern.strip_prefix("https://*.") {
        Some(apex) => {
            let again = parse_entry(&format!("*.{apex}"));
            assert_eq!(again.as_ref().map(|again| again.as_str()), Ok(pattern));
            assert!(!admits(&[pattern], &format!("https://{apex}")));
            assert!(admits(&[pattern], &format!("https://a.{apex}")));
        }
        None => {
            let again = parse_entry(pattern);
            assert_eq!(again.as_ref().map(|again| again.as_str()), Ok(pattern));
            assert_eq!(parse_origin(pattern).as_deref(), Some(pattern));
        }
    }
    let Some(origin) = origin else {
        return;
    };
    // The matcher agrees with a verdict that is made from the parts that a URL parser sees.
    let url = url::Url::parse(&origin).expect("an origin is a URL");
    let host = url.host_str().expect("an origin has a host");
    let is_listed = match pattern.strip_prefix("https://*.") {
        Some(apex) => {
            url.scheme() == "https"
                && url.port().is_none()
                && host
                    .strip_suffix(apex)
                    .and_then(|below| below.strip_suffix('.'))
                    .is_some_and(|below| below.split('.').all(|label| !label.is_empty()))
        }
        None => url::Url::parse(pattern).expect("a URL").origin() == url.origin(),
    };
    assert_eq!(admits(&[pattern], &origin), is_listed, "{pattern} {origin}");
}

/// Patterns become sources of `frame-ancestors`: nothing in them may end the source, the directive or the header.
fn is_safe_in_a_policy(pattern: &str) {
    let is_safe = pattern
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b";,'\"\\".contains(&b));
    assert!(is_safe, "{pattern}");
}
