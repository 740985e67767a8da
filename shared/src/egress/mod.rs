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
//!
//! - `names`, `addresses`: what a host may be; `error`: why it may not

mod addresses;
mod error;
mod names;
#[cfg(test)]
mod tests;

use url::{Host, Url};

pub use self::addresses::check_address;
pub use self::error::EgressError;

use self::addresses::{check_v4, check_v6};
use self::names::check_name;

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

    /// Returns where a `Location` header leads from here.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub fn join(&self, location: &str) -> Result<Self, EgressError> {
        Self::check(self.0.join(location).map_err(|_| EgressError::Malformed)?)
    }

    /// Returns this target with one more segment at the end of the path, as `models` under the base URL of a model's
    /// API.
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

    /// Returns the whole URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns the host alone, for logs: path and query may hold secrets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Returns the name to resolve; `None` for an address, which was checked as it stands.
    pub fn name(&self) -> Option<&str> {
        self.0.domain()
    }
}
