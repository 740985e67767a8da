//! Why a request may not be sent.

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
    /// Returns the stable name for logs.
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
