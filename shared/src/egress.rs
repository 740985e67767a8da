//! Where the edge may send a request: the policy for a URL and for an address.
//!
//! Keeps true: what passes is https on port 443 without credentials, to a public unicast address or to a name that
//! could have one. Deny by default: inside IPv6 only 2000::/3 is looked at, and every form that carries an IPv4 address
//! inside an IPv6 one is refused whatever it carries, since translators decide where such a packet goes.
//! Leaves to others: what a name resolves to (ask for its addresses and give each to [`check_address`]), redirects
//! (each hop is a [`Target`] of its own, see [`Target::join`]).
//!
//! Sources: WHATWG URL Standard, IANA IPv4 and IPv6 Special-Purpose Address Registries, IANA Special-Use Domain Names,
//! RFC 4291, RFC 6890. All of the two address registries is refused, the few entries that are globally reachable
//! (anycast relays, AS112) included: they are infrastructure, and nobody receives a webhook there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Why a request may not be sent. [`EgressError::name`] is what the log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EgressError {
    /// Not a URL, or one without a host.
    #[error("is not a web address")]
    Malformed,
    /// Another scheme than https.
    #[error("does not begin with https://")]
    Scheme,
    /// A port that is not 443.
    #[error("names a port other than 443")]
    Port,
    /// A user name or a password.
    #[error("carries a user name or password")]
    Credentials,
    /// A name of one label: it means something on a local network only.
    #[error("names a host without a domain")]
    SingleLabel,
    /// A name that the standards keep for local or other use.
    #[error("names a host that is not on the public internet")]
    SpecialName,
    /// A name that DNS cannot hold.
    #[error("names a host that cannot exist")]
    UnusableName,
    /// An address that is not public unicast.
    #[error("leads to an address that is not public")]
    SpecialAddress,
    /// An IPv6 address that carries an IPv4 address.
    #[error("leads to an address that hides another one")]
    EmbeddedAddress,
    /// The name has no address at all.
    #[error("names a host that has no address")]
    NoAddress,
    /// The resolver did not say what the name stands for.
    #[error("names a host whose address could not be found out")]
    Unresolved,
    /// More redirects than are followed.
    #[error("redirects too often")]
    Redirects,
}

impl EgressError {
    /// Stable name for logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Scheme => "scheme",
            Self::Port => "port",
            Self::Credentials => "credentials",
            Self::SingleLabel => "single_label",
            Self::SpecialName => "special_name",
            Self::UnusableName => "unusable_name",
            Self::SpecialAddress => "special_address",
            Self::EmbeddedAddress => "embedded_address",
            Self::NoAddress => "no_address",
            Self::Unresolved => "unresolved",
            Self::Redirects => "redirects",
        }
    }
}

/// A URL that the policy lets through, in its normal form. Its name, if it has one, is still to be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Reads a URL as browsers do and holds it to the policy.
    ///
    /// # Errors
    /// The first [`EgressError`] that applies.
    pub fn parse(text: &str) -> Result<Self, EgressError> {
        Self::check(Url::parse(text).map_err(|_| EgressError::Malformed)?)
    }

    /// Where a `Location` header leads from here.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub fn join(&self, location: &str) -> Result<Self, EgressError> {
        Self::check(self.0.join(location).map_err(|_| EgressError::Malformed)?)
    }

    /// The same with one more segment at the end of the path, as `models` under the base URL of a model's API.
    #[must_use]
    pub fn below(&self, segment: &str) -> Self {
        let mut url = self.0.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(segment);
        }
        Self(url)
    }

    fn check(url: Url) -> Result<Self, EgressError> {
        if url.scheme() != "https" {
            return Err(EgressError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::Credentials);
        }
        match url.host().ok_or(EgressError::Malformed)? {
            Host::Ipv4(address) => check_v4(address)?,
            Host::Ipv6(address) => check_v6(address)?,
            Host::Domain(name) => check_name(name)?,
        }
        // The parser leaves the default port out, also when it was written.
        if url.port().is_some() {
            return Err(EgressError::Port);
        }
        Ok(Self(url))
    }

    /// The whole URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host alone, for logs: path and query may hold secrets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The name to resolve; `None` for an address, which was checked as it stands.
    pub fn name(&self) -> Option<&str> {
        self.0.domain()
    }
}

/// Names under which nothing public lives, without the dot before. `example.com`, `.org` and `.net` are in the same
/// registry and resolve publicly. Source: IANA Special-Use Domain Names; ICANN's reservation of `.internal`.
const SPECIAL_NAMES: [&str; 15] = [
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
const LABEL_MAX: usize = 63;
const NAME_MAX: usize = 253;

/// `name` is a host as the URL parser left it: lower case, ASCII, not an address.
fn check_name(name: &str) -> Result<(), EgressError> {
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

/// Whether a request may go to this address, written in a URL or found by resolving a name.
///
/// # Errors
/// [`EgressError::SpecialAddress`] or [`EgressError::EmbeddedAddress`].
pub fn check_address(address: IpAddr) -> Result<(), EgressError> {
    match address {
        IpAddr::V4(address) => check_v4(address),
        IpAddr::V6(address) => check_v6(address),
    }
}

/// First address and length of the prefix.
const SPECIAL_V4: [(Ipv4Addr, u32); 19] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // shared by carriers
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // loopback
    (Ipv4Addr::new(168, 63, 129, 16), 32), // Azure's platform, in no registry
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // link-local, metadata of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // IETF protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24),  // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24),  // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4 relays, deprecated
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(192, 175, 48, 0), 24),  // AS112
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),      // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),      // reserved, broadcast
];

/// Prefixes whose addresses stand for IPv4 addresses.
const EMBEDDING_V6: [(Ipv6Addr, u32); 7] = [
    (Ipv6Addr::UNSPECIFIED, 96), // IPv4-compatible, RFC 4291; holds :: and ::1 too
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), // IPv4-mapped, RFC 4291
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96), // IPv4-translated, RFC 2765
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96), // NAT64, RFC 6052
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48), // NAT64 for local use, RFC 8215
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32), // Teredo, RFC 4380
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, RFC 3056
];

/// The only global unicast space that has been given out. Source: IANA IPv6 Address Space.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is special inside [`GLOBAL_V6`].
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocol assignments
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

fn check_v4(address: Ipv4Addr) -> Result<(), EgressError> {
    let is_special = SPECIAL_V4
        .iter()
        .any(|(first, length)| (address.to_bits() ^ first.to_bits()).leading_zeros() >= *length);
    if is_special {
        return Err(EgressError::SpecialAddress);
    }
    Ok(())
}

fn check_v6(address: Ipv6Addr) -> Result<(), EgressError> {
    let is_in = |(first, length): &(Ipv6Addr, u32)| {
        (address.to_bits() ^ first.to_bits()).leading_zeros() >= *length
    };
    if address.is_unspecified() || address.is_loopback() {
        return Err(EgressError::SpecialAddress);
    }
    // ISATAP, RFC 5214: an IPv4 address behind a fixed interface identifier, under any prefix.
    let is_isatap = matches!(address.segments(), [_, _, _, _, 0 | 0x200, 0x5efe, _, _]);
    if is_isatap || EMBEDDING_V6.iter().any(is_in) {
        return Err(EgressError::EmbeddedAddress);
    }
    if !is_in(&GLOBAL_V6) || SPECIAL_V6.iter().any(is_in) {
        return Err(EgressError::SpecialAddress);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_are_let_through_or_refused_as_the_labels_say() {
        let cases = include_str!("../../testdata/egress.jsonl");
        let mut n_cases = 0;
        for line in cases.lines() {
            let case: serde_json::Value =
                serde_json::from_str(line).expect("the file is JSON lines");
            let url = case["url"].as_str().expect("a text");
            let verdict = Target::parse(url);
            assert_eq!(
                Some(verdict.is_ok()),
                case["allow"].as_bool(),
                "{verdict:?}: {line}"
            );
            n_cases += 1;
        }
        assert!(n_cases > 280, "{n_cases} cases");
    }

    #[test]
    fn a_refusal_says_which_rule_it_was() {
        for (url, why) in [
            ("", EgressError::Malformed),
            ("https://", EgressError::Malformed),
            ("https://[fe80::1%25eth0]/", EgressError::Malformed),
            ("http://example.com/", EgressError::Scheme),
            ("https://example.com:8443/", EgressError::Port),
            ("https://user@example.com/", EgressError::Credentials),
            ("https://intranet/", EgressError::SingleLabel),
            ("https://printer.local./", EgressError::SpecialName),
            ("https://local/", EgressError::SpecialName),
            ("https://a.resolver.arpa/", EgressError::SpecialName),
            ("https://a..example.com/", EgressError::UnusableName),
            (
                "https://example.com,example.org/",
                EgressError::UnusableName,
            ),
            ("https://.com/", EgressError::UnusableName),
            ("https://172.16.1.1../", EgressError::UnusableName),
            ("https://localhost../", EgressError::UnusableName),
            ("https://0x7f.1/", EgressError::SpecialAddress),
            ("https://[::1]/", EgressError::SpecialAddress),
            ("https://[::ffff:8.8.8.8]/", EgressError::EmbeddedAddress),
            (
                "https://[2600:1::200:5efe:7f00:1]/",
                EgressError::EmbeddedAddress,
            ),
        ] {
            assert_eq!(Target::parse(url), Err(why), "{url}");
        }
        let long = format!("https://{}.com/", "a".repeat(64));
        assert_eq!(Target::parse(&long), Err(EgressError::UnusableName));
        let longer = format!("https://{}com/", "abcdefg.".repeat(32));
        assert_eq!(Target::parse(&longer), Err(EgressError::UnusableName));
    }

    #[test]
    fn names_that_only_look_special_pass() {
        for name in [
            "myhome.arpa",
            "home.arpa.example.net",
            "local.example.com",
            "notlocal.com",
            "example.com",
            "example.com.",
            "a_b.example.org",
            "xn--bcher-kva.de",
            "unit.testing",
        ] {
            let url = format!("https://{name}/");
            assert!(Target::parse(&url).is_ok(), "{url}");
        }
    }

    #[test]
    fn both_ends_of_every_special_block_are_refused_and_their_neighbours_stand_for_themselves() {
        for (first, length) in SPECIAL_V4 {
            let first = first.to_bits();
            let last = first | u32::MAX.checked_shr(length).unwrap_or(0);
            for inside in [first, last, first + (last - first) / 2] {
                assert!(
                    check_v4(Ipv4Addr::from_bits(inside)).is_err(),
                    "{inside:#x}"
                );
            }
        }
        for public in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.31.195.255",
            "192.31.197.0",
            "192.52.192.255",
            "192.52.194.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "192.175.47.255",
            "192.175.49.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "2620:4f:7fff:ffff::",
            "2620:4f:8001::",
            "3ffe:ffff::",
            "3fff:1000::",
            "2000::",
        ] {
            let address: IpAddr = public.parse().expect("an address");
            assert_eq!(check_address(address), Ok(()), "{public}");
        }
        for special in [
            "::",
            "::1",
            "100::",
            "100:0:0:1::1",
            "1fff:ffff::",
            "2001::",
            "2001:1::1",
            "2001:4:112::1",
            "2001:20::1",
            "2001:30::1",
            "2001:1ff:ffff::",
            "2001:db8:ffff::",
            "2002::",
            "2620:4f:8000:ffff::",
            "3fff::",
            "3fff:fff::",
            "4000::",
            "5f00::1",
            "64:ff9b:2::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            let address: IpAddr = special.parse().expect("an address");
            assert!(check_address(address).is_err(), "{special}");
        }
    }

    #[test]
    fn a_redirect_is_held_to_the_same_policy() {
        let from = Target::parse("https://example.com/a/b?c").expect("public");
        assert_eq!(
            from.join("../d").map(|to| to.as_str().to_owned()),
            Ok("https://example.com/d".to_owned())
        );
        for (location, why) in [
            ("http://example.com/", EgressError::Scheme),
            ("//127.0.0.1/", EgressError::SpecialAddress),
            ("https:\\\\[::1]\\", EgressError::SpecialAddress),
            ("//user@example.com/", EgressError::Credentials),
            ("javascript:alert(1)", EgressError::Scheme),
            ("https://", EgressError::Malformed),
        ] {
            assert_eq!(from.join(location), Err(why), "{location}");
        }
    }

    #[test]
    fn a_segment_goes_below_the_path_and_before_the_query() {
        for (base, expected) in [
            ("https://example.com", "https://example.com/models"),
            ("https://example.com/v1/", "https://example.com/v1/models"),
            (
                "https://example.com/v1?x=1",
                "https://example.com/v1/models?x=1",
            ),
        ] {
            let below = Target::parse(base).expect("public").below("models");
            assert_eq!(below.as_str(), expected);
        }
    }

    /// One way of writing a number as part of an address.
    fn spell(value: u32, style: u8) -> String {
        match style % 4 {
            0 => format!("{value}"),
            1 => format!("0{value:o}"),
            2 => format!("0x{value:x}"),
            _ => format!("0X{value:08X}"),
        }
    }

    /// The address in `n_parts` parts, as `inet_aton` reads them: the last part takes what is left.
    fn spell_v4(address: u32, n_parts: u32, styles: [u8; 4]) -> String {
        let mut parts = Vec::new();
        for at in 0..n_parts - 1 {
            parts.push(spell(address >> (24 - 8 * at) & 0xff, styles[at as usize]));
        }
        let left = address & u32::MAX.checked_shr(8 * (n_parts - 1)).unwrap_or(0);
        parts.push(spell(left, styles[3]));
        parts.join(".")
    }

    fn any_v4() -> impl Strategy<Value = u32> {
        // Half of them inside a special block, or there would be few.
        let special = (0..SPECIAL_V4.len(), any::<u32>()).prop_map(|(at, random)| {
            let (first, length) = SPECIAL_V4[at];
            first.to_bits() | random & u32::MAX.checked_shr(length).unwrap_or(0)
        });
        prop_oneof![special, any::<u32>()]
    }

    proptest! {
        #[test]
        fn every_spelling_of_an_address_gets_the_verdict_of_the_address(
            address in any_v4(), n_parts in 1..=4_u32, styles: [u8; 4], dot in "\\.?",
        ) {
            let text = format!("https://{}{dot}/hook", spell_v4(address, n_parts, styles));
            let expected = check_v4(Ipv4Addr::from_bits(address));
            prop_assert_eq!(Target::parse(&text).map(drop), expected, "{}", text);
        }

        #[test]
        fn digits_and_dots_of_other_scripts_get_the_verdict_of_the_address(address in any_v4(), wide: [bool; 15]) {
            let plain = Ipv4Addr::from_bits(address).to_string();
            let text: String = plain.chars().zip(wide).map(|(c, wide)| match c {
                '.' if wide => '\u{3002}',
                c if wide => char::from_u32(u32::from(c) - u32::from('0') + 0xff10).unwrap_or(c),
                c => c,
            }).collect();
            let expected = check_v4(Ipv4Addr::from_bits(address));
            prop_assert_eq!(Target::parse(&format!("https://{text}/")).map(drop), expected, "{}", text);
        }

        #[test]
        fn an_address_inside_another_is_refused_whatever_it_is(address: u32, rest: u64, form in 0..7_usize) {
            let (prefix, length) = EMBEDDING_V6[form];
            let random = u128::from(rest) << 64 | u128::from(rest) << 32 | u128::from(address);
            let embedded = Ipv6Addr::from_bits(prefix.to_bits() | random & (u128::MAX >> length));
            prop_assert!(check_v6(embedded).is_err());
            let text = format!("https://[{embedded}]/");
            prop_assert!(Target::parse(&text).is_err(), "{}", text);
        }

        #[test]
        fn nothing_outside_the_global_unicast_space_passes(bits: u128) {
            let address = Ipv6Addr::from_bits(bits);
            if bits >> 125 != 1 {
                prop_assert!(check_v6(address).is_err(), "{}", address);
            }
        }

        #[test]
        fn special_names_are_refused_in_any_case_under_any_label(
            at in 0..SPECIAL_NAMES.len(), labels in "([a-z0-9]{1,8}\\.){0,3}", dots in "\\.?", upper: bool,
        ) {
            let mut name = format!("{labels}{}{dots}", SPECIAL_NAMES[at]);
            if upper {
                name.make_ascii_uppercase();
            }
            prop_assert_eq!(Target::parse(&format!("https://{name}/")), Err(EgressError::SpecialName), "{}", name);
        }

        #[test]
        fn whatever_passes_passes_again_as_it_was_written_down(text in "\\PC{0,40}", prefix in "(https:(//)?)?") {
            if let Ok(target) = Target::parse(&format!("{prefix}{text}")) {
                prop_assert!(target.as_str().starts_with("https://"));
                prop_assert_eq!(Target::parse(target.as_str()), Ok(target));
            }
        }
    }
}
