//! How the frame stands with the edge.

use oriel_shared::{id::UnixMs, wire::problem::Code};

/// How the frame stands with the edge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// The first time, nothing to show yet.
    #[default]
    Connecting,
    /// Messages flow.
    Online,
    /// It was there, or should have been; it is tried again.
    Reconnecting,
    /// Refused for now; tried again at that time.
    Limited {
        /// When to try again.
        until: UnixMs,
    },
    /// Refused for good, as far as this page goes.
    Refused(Refusal),
}

/// Why the chat cannot be had here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The page's origin is not one of the site's.
    Origin,
    /// No such site, or it is switched off.
    Site,
    /// The page has not said who the visitor is, or not in a way that counts.
    Identity,
    /// The frame was opened on its own, without a page around it.
    Alone,
}

impl Refusal {
    /// The refusal behind a problem's code; `None` when trying again may help.
    pub fn from_code(code: &str) -> Option<Self> {
        // Named when this is compiled: the program need not know the other codes.
        const REFUSALS: [(&str, Refusal); 5] = [
            (Code::OriginNotAllowed.name(), Refusal::Origin),
            (Code::SiteNotFound.name(), Refusal::Site),
            (Code::TokenMissing.name(), Refusal::Identity),
            (Code::TokenInvalid.name(), Refusal::Identity),
            (Code::TokenExpired.name(), Refusal::Identity),
        ];
        REFUSALS
            .iter()
            .find(|(refused, _)| *refused == code)
            .map(|(_, refusal)| *refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trying_again_cannot_mend_is_a_refusal() {
        for code in Code::ALL {
            let is_refusal = Refusal::from_code(code.name()).is_some();
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
