//! Addresses of callers: never kept and never logged whole.
//!
//! A limit counts an IPv4 address or an IPv6 /64, which is what one household or one machine holds; storage sees a
//! keyed hash of it whose salt changes with the day (`TokenKey::address_hash`). The log sees a /24 or a /48.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A caller's address. Printed only cut short.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address(IpAddr);

impl Address {
    /// Reads what the platform says about the caller. An IPv4 address inside an IPv6 one is the IPv4 address.
    pub fn parse(text: &str) -> Option<Self> {
        text.trim()
            .parse::<IpAddr>()
            .ok()
            .map(|address| Self(address.to_canonical()))
    }

    /// Returns what a limit counts: the whole IPv4 address, the /64 of an IPv6 one.
    pub fn counted(&self) -> [u8; 16] {
        match self.0 {
            IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
            IpAddr::V6(address) => cut_v6(address, 64).octets(),
        }
    }
}

/// What the log may say: 256 neighbours for IPv4, a provider's customer block for IPv6.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0))
            }
            IpAddr::V6(address) => write!(f, "{}/48", cut_v6(address, 48)),
        }
    }
}

/// As the log says it.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As the log says it.
impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From what the log says: what was cut off stays cut off.
impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let address = text.split('/').next().unwrap_or_default();
        Self::parse(address).ok_or_else(|| serde::de::Error::custom("not an address"))
    }
}

fn cut_v6(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from(address.to_bits() & (u128::MAX << (128 - bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> [u8; 16] {
        Address::parse(text).expect(text).counted()
    }

    #[test]
    fn an_ipv6_household_counts_once_and_an_ipv4_address_for_itself() {
        assert_eq!(
            counted("2001:db8:1:2::1"),
            counted("2001:db8:1:2:ffff:ffff:ffff:ffff")
        );
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_ne!(counted("198.51.100.7"), counted("198.51.100.8"));
        assert_eq!(counted("198.51.100.7"), counted("::ffff:198.51.100.7"));
    }

    #[test]
    fn an_address_is_shown_cut_short_only() {
        for (text, shown) in [
            ("198.51.100.7", "198.51.100.0/24"),
            ("::ffff:198.51.100.7", "198.51.100.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.to_string(), shown);
            assert_eq!(format!("{address:?}"), shown);
            let written = serde_json::to_string(&address).expect("JSON");
            assert_eq!(written, format!("\"{shown}\""));
            let read: Address = serde_json::from_str(&written).expect("an address");
            assert_eq!(read.to_string(), shown);
        }
        for text in ["", "1.2.3", "unknown", "1.2.3.4:80", "fe80::1%eth0"] {
            assert!(Address::parse(text).is_none(), "{text}");
        }
    }
}
