//! Whether the chat is connected to the edge, and why it cannot be.

use oriel_shared::{id::UnixMs, wire::problem::Code};

/// The state of the connection to the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionState {
    /// The first attempt; there is nothing to show yet.
    #[default]
    Connecting,
    /// Messages flow.
    Online,
    /// The connection was lost, or could not be made; the next attempt comes by itself.
    Reconnecting,
    /// The edge asked us to wait.
    RateLimited {
        /// When the next attempt is due.
        until: UnixMs,
    },
    /// There is no chat on this page; another attempt would not help.
    Unavailable(UnavailableReason),
}

/// Why there is no chat here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnavailableReason {
    /// The page's origin is not one of the site's.
    Origin,
    /// The site is unknown or disabled.
    Site,
    /// The page has no valid token that says who the visitor is.
    Identity,
    /// The iframe was opened on its own, without a page around it.
    NotEmbedded,
}

impl UnavailableReason {
    /// The reason behind a problem's code; `None` when another attempt may help.
    pub fn from_code(code: &str) -> Option<Self> {
        // The names are taken when this is compiled: the program need not hold those of the other codes.
        const REASONS: [(&str, UnavailableReason); 5] = [
            (Code::OriginNotAllowed.name(), UnavailableReason::Origin),
            (Code::SiteNotFound.name(), UnavailableReason::Site),
            (Code::TokenMissing.name(), UnavailableReason::Identity),
            (Code::TokenInvalid.name(), UnavailableReason::Identity),
            (Code::TokenExpired.name(), UnavailableReason::Identity),
        ];
        REASONS
            .iter()
            .find(|(name, _)| *name == code)
            .map(|(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trying_again_cannot_mend_is_a_refusal() {
        for code in Code::ALL {
            let is_refusal = UnavailableReason::from_code(code.name()).is_some();
            let is_expected = matches!(
                code,
                Code::OriginNotAllowed
                    | Code::SiteNotFound
                    | Code::TokenMissing
                    | Code::TokenInvalid
                    | Code::TokenExpired
            );
            assert_eq!(is_refusal, is_expected, "{code:?}");
        }
    }
}
