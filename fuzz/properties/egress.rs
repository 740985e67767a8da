//! What the egress policy lets through is https, to a public address or name, however it was written.
//!
//! An input is a URL; after a line break, a `Location` that it answered with.

use std::net::{Ipv4Addr, Ipv6Addr};

use oriel_shared::egress::{Target, check_address};
use url::{Host, Url};

/// Panics when the property does not hold for `input`.
pub fn hold(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let (url, location) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(target) = Target::parse(url) else {
        return;
    };
    hold_target(&target);
    hold_target(&target.below("models"));
    if let Ok(next) = target.join(location) {
        hold_target(&next);
    }
}

fn hold_target(target: &Target) {
    assert_eq!(Target::parse(target.as_str()).as_ref(), Ok(target));
    let url = Url::parse(target.as_str()).expect("a URL");
    assert_eq!(url.scheme(), "https");
    assert_eq!(url.port_or_known_default(), Some(443));
    assert!(url.username().is_empty() && url.password().is_none());
    // Nobody who splits the text by hand finds another host.
    let rest = url.as_str().strip_prefix("https://").expect("https");
    let authority = rest.split(['/', '?', '#']).next().expect("a part");
    assert_eq!(Some(authority), url.host_str());
    match url.host().expect("a host") {
        Host::Ipv4(address) => hold_v4(address),
        Host::Ipv6(address) => hold_v6(address),
        Host::Domain(name) => hold_name(name),
    }
}

fn hold_v4(address: Ipv4Addr) {
    assert!(check_address(address.into()).is_ok());
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_unspecified()
        || matches!(address.octets(), [0 | 240..=255, ..] | [100, 64..=127, ..]);
    assert!(!is_special, "{address}");
}

fn hold_v6(address: Ipv6Addr) {
    assert!(check_address(address.into()).is_ok());
    assert!(address.to_ipv4().is_none() && address.to_ipv4_mapped().is_none());
    assert!(!address.is_loopback() && !address.is_unspecified() && !address.is_multicast());
    assert!(!address.is_unique_local() && !address.is_unicast_link_local());
    let [first, second, ..] = address.segments();
    assert_eq!(first & 0xe000, 0x2000, "{address}");
    assert_ne!(first, 0x2002, "6to4: {address}");
    assert_ne!((first, second), (0x2001, 0), "Teredo: {address}");
    assert_ne!((first, second), (0x2001, 0xdb8), "documentation: {address}");
}

fn hold_name(name: &str) {
    let name = name.trim_end_matches('.');
    assert!(name.contains('.'), "{name}");
    assert!(name.parse::<Ipv4Addr>().is_err(), "{name}");
    let top = name.rsplit('.').next().expect("a label");
    assert!(
        !matches!(
            top,
            "local" | "internal" | "localhost" | "onion" | "test" | "invalid" | "example"
        ),
        "{name}"
    );
    assert!(!format!(".{name}").ends_with(".home.arpa"), "{name}");
    assert!(
        name.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b)),
        "{name}"
    );
}
