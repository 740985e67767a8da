//! Identifiers, sequence numbers and times as types, so that a `u64` or a `String` does not travel bare.
//!
//! An identifier is opaque: a prefix that tells a reader what it names, then at least 128 random bits. The caller
//! brings the random bytes.

use serde::{Deserialize, Serialize};

/// Place of a message in its conversation, from 1, without gaps. 0 stands for "before the first".
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seq(pub u32);

impl Seq {
    /// Returns the place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z, from the caller's clock.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UnixMs(pub u64);

impl UnixMs {
    /// Returns the moment `ms` milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Returns whole seconds, as JWT wants them.
    pub const fn secs(self) -> u64 {
        self.0 / 1000
    }

    /// Writes the moment as the wire writes times.
    pub fn rfc3339(self) -> Rfc3339 {
        Rfc3339::from(self)
    }
}

/// A time as the wire writes it: RFC 3339, UTC, milliseconds. Sorts as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(
    feature = "describe",
    derive(schemars::JsonSchema),
    schemars(extend("format" = "date-time"))
)]
#[serde(transparent)]
pub struct Rfc3339(pub String);

impl From<UnixMs> for Rfc3339 {
    fn from(UnixMs(ms): UnixMs) -> Self {
        let (year, month, day) = civil_from_days(ms / 86_400_000);
        let in_day = ms % 86_400_000;
        let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
        let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
        Self(format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        ))
    }
}

/// Returns year, month and day of a day counted from 1970-01-01.
///
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
const fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + (month <= 2) as u64, month, day)
}

/// Declares an opaque identifier with its prefix.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(
            feature = "describe",
            derive(schemars::JsonSchema),
            schemars(extend("pattern" = concat!("^", $prefix, "[A-Za-z0-9_-]{22}$")))
        )]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// What every identifier of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes one from 128 random bits.
            #[cfg(feature = "edge")]
            pub fn from_random(bytes: [u8; 16]) -> Self {
                use base64::Engine;
                Self(format!("{}{}", $prefix, base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(bytes)))
            }

            /// Tells whether `text` has the shape of an identifier of this kind.
            pub fn is_wellformed(text: &str) -> bool {
                text.strip_prefix($prefix).is_some_and(|rest| {
                    rest.len() == 22 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                })
            }

            /// Returns the text of it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A customer: owns sites, keys, documents and conversations.
    OrgId = "org_";
    /// A site, in the management API.
    SiteId = "site_";
    /// A site, in the embed code. Public, unguessable.
    SiteKey = "pk_";
    /// A visitor of one site, and the name of the visitor's object.
    VisitorId = "vis_";
    /// A conversation.
    ConversationId = "cnv_";
    /// A message that the edge wrote. Visitors' messages carry ids that their clients made.
    MessageId = "msg_";
    /// A document of a site's knowledge.
    DocumentId = "doc_";
    /// A sitemap on its way to becoming documents.
    ImportId = "imp_";
    /// An API key's row; not the key.
    ApiKeyId = "key_";
    /// A signing key of a site, the `kid` of its tokens.
    SigningKeyId = "kid_";
    /// A way out that the team set up: a webhook's receiver, a model's API.
    ConnectionId = "con_";
    /// Something that happened and that receivers are told about.
    EventId = "evt_";
    /// One event on its way to one connection.
    DeliveryId = "dlv_";
    /// A line of the audit trail.
    AuditId = "aud_";
    /// Something that a person of the team should look at.
    ReviewId = "rev_";
    /// A metered call of a model.
    UsageId = "use_";
    /// One request, in answers and in the log.
    RequestId = "req_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_standard_does() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_314_763_042, "2026-11-22T02:32:43.042Z"),
            (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(UnixMs(ms).rfc3339().0, text);
        }
    }

    #[test]
    fn a_made_identifier_is_wellformed_and_others_are_not() {
        let id = SiteId::from_random([0xa5; 16]);
        assert!(SiteId::is_wellformed(id.as_str()));
        for other in [
            "",
            "site_",
            "pk_AAAAAAAAAAAAAAAAAAAAAA",
            "site_AAAA",
            "site_AAAAAAAAAAAAAAAAAAAAA/",
        ] {
            assert!(!SiteId::is_wellformed(other), "{other}");
        }
    }
}
