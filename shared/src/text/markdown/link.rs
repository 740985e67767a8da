//! Addresses that may be links.

use url::Url;

/// No address that people follow is longer; browsers and proxies stop near it.
const MAX_LINK_BYTES: usize = 2048;

/// Returns the address of a link as it may be shown, or `None` for one that may not.
pub fn checked_link(address: &str) -> Option<String> {
    if address.len() > MAX_LINK_BYTES {
        return None;
    }
    // Relative addresses do not parse without a base: in a chat on another origin they would lead nowhere.
    let url = Url::parse(address).ok()?;
    let is_allowed = match url.scheme() {
        // `https://bank.example@evil.example` reads as what it is not.
        "http" | "https" => {
            url.host_str().is_some() && url.username().is_empty() && url.password().is_none()
        }
        // The URL parser leaves the rest of these as it is, or takes what follows `//` for a host. No address needs
        // that, nor what markup is made of.
        "mailto" | "tel" => {
            url.cannot_be_a_base()
                && url
                    .path()
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && !b"<>\"".contains(&b))
        }
        _ => false,
    };
    is_allowed.then(|| url.to_string())
}
