//! The policy against labelled URLs, and against what stands just outside of its tables.

use proptest::prelude::*;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::addresses::{EMBEDDING_V6, SPECIAL_V4};
use super::names::SPECIAL_NAMES;
use super::*;

#[test]
fn urls_are_let_through_or_refused_as_the_labels_say() {
    let cases = include_str!("../../../testdata/egress.jsonl");
    let mut n_cases = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("the file is JSON lines");
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
