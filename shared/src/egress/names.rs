//! Names of hosts: which of them could have a public address.

use super::error::EgressError;

/// Names under which nothing public lives, without the dot before. `example.com`, `.org` and `.net` are in the same
/// registry and resolve publicly. Source: IANA Special-Use Domain Names; ICANN's reservation of `.internal`.
pub(super) const SPECIAL_NAMES: [&str; 15] = [
    "6tisch.arpa",
    "alt",
    "eap-noob.arpa",
    "eap.arpa",
    "example",
    "home.arpa",
    "internal",
    "invalid",
    "ipv4only.arpa",
    "local",
    "localhost",
    "onion",
    "resolver.arpa",
    "service.arpa",
    "test",
];

/// RFC 1035, 2.3.4: octets of a label and of a name.
pub(super) const LABEL_MAX: usize = 63;
pub(super) const NAME_MAX: usize = 253;

/// Checks a name. `name` is a host as the URL parser left it: lower case, ASCII, not an address.
pub(super) fn check_name(name: &str) -> Result<(), EgressError> {
    // One dot at the end is the root. With two, `172.16.1.1..` is a name for the URL parser, and an address for whoever
    // drops dots.
    let name = name.strip_suffix('.').unwrap_or(name);
    // The URL parser lets commas, quotes and the like stand in a host. No real name has them, and other parsers of the
    // same text may not agree where such a host ends.
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if name.len() > NAME_MAX || !name.split('.').all(is_label) {
        return Err(EgressError::UnusableName);
    }
    let is_below = |special: &str| {
        name.strip_suffix(special)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if SPECIAL_NAMES.into_iter().any(is_below) {
        return Err(EgressError::SpecialName);
    }
    if !name.contains('.') {
        return Err(EgressError::SingleLabel);
    }
    Ok(())
}
