//! Addresses: which of them are public unicast.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::EgressError;

/// Tells whether a request may go to this address, written in a URL or found by resolving a name.
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
pub(super) const SPECIAL_V4: [(Ipv4Addr, u32); 19] = [
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
pub(super) const EMBEDDING_V6: [(Ipv6Addr, u32); 7] = [
    (Ipv6Addr::UNSPECIFIED, 96), // IPv4-compatible, RFC 4291; holds :: and ::1 too
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96), // IPv4-mapped, RFC 4291
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96), // IPv4-translated, RFC 2765
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96), // NAT64, RFC 6052
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48), // NAT64 for local use, RFC 8215
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32), // Teredo, RFC 4380
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, RFC 3056
];

/// The only global unicast space that has been given out. Source: IANA IPv6 Address Space.
pub(super) const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is special inside [`GLOBAL_V6`].
pub(super) const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // IETF protocol assignments
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

pub(super) fn check_v4(address: Ipv4Addr) -> Result<(), EgressError> {
    let is_special = SPECIAL_V4
        .iter()
        .any(|(first, length)| (address.to_bits() ^ first.to_bits()).leading_zeros() >= *length);
    if is_special {
        return Err(EgressError::SpecialAddress);
    }
    Ok(())
}

pub(super) fn check_v6(address: Ipv6Addr) -> Result<(), EgressError> {
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
