//! Tickets, access tokens and refresh tokens: made by us, for us.
//!
//! Every kind has a `use` of its own, so that a ticket cannot serve as an access token. A refresh token names its
//! family and its generation in it; the visitor's object knows the live generation, which makes a spent token that is
//! shown again visible.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, Claims, Header};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{TokenError, jws, moment};
use crate::address::Address;
use crate::id::{
    ApiKeyId, ConversationId, DeliveryId, OrgId, ReviewId, SiteId, SiteKey, UnixMs, VisitorId,
};
use crate::wire::transcript::{LINK_SECS_MAX, TranscriptFormat};

/// A ticket lives from the host page to the frame's first call.
pub const TICKET_LIFE_MS: u64 = 30_000;
/// An access token is renewed in silence long before a visitor would notice.
pub const ACCESS_LIFE_MS: u64 = 300_000;
/// A visitor who comes back within a month finds the conversation.
pub const REFRESH_LIFE_MS: u64 = 30 * 24 * 3_600_000;

/// Claims that belong to one use.
pub trait Purpose: Serialize + DeserializeOwned {
    /// Value of the `use` claim.
    const USE: &'static str;
    /// Milliseconds from minting to expiry.
    const LIFE_MS: u64;
}

/// Admits one visitor to one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Owner of the site.
    pub org: OrgId,
    /// The site.
    pub site: SiteId,
    /// The site's public key: names the refresh cookie.
    pub key: SiteKey,
    /// Who will speak.
    pub visitor: VisitorId,
    /// Whether a signed visitor token vouched for them.
    pub verified: bool,
    /// When it was made: revoking a site's sessions voids the tickets before.
    pub issued_at: UnixMs,
    /// Spent in the visitor's object on first use.
    pub jti: String,
}

impl Purpose for Ticket {
    const USE: &'static str = "ticket";
    const LIFE_MS: u64 = TICKET_LIFE_MS;
}

/// Lets a visitor speak.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The site.
    pub site: SiteId,
    /// The site's public key: names the refresh cookie.
    pub key: SiteKey,
    /// Who speaks.
    pub visitor: VisitorId,
    /// The conversation that the session opened.
    pub conversation: ConversationId,
    /// The session that it belongs to; ended sessions end their access tokens.
    pub family: String,
    /// The generation of the session that it was made with. Renews the session where the browser keeps no cookie.
    pub generation: u32,
}

impl Purpose for Access {
    const USE: &'static str = "access";
    const LIFE_MS: u64 = ACCESS_LIFE_MS;
}

/// Renews a session once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {
    /// The site's public key.
    pub key: SiteKey,
    /// Whose session.
    pub visitor: VisitorId,
    /// The session.
    pub family: String,
    /// Counts renewals from 1.
    pub generation: u32,
}

impl Purpose for Refresh {
    const USE: &'static str = "refresh";
    const LIFE_MS: u64 = REFRESH_LIFE_MS;
}

/// Gives a transcript to whoever has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// Owner of the site.
    pub org: OrgId,
    /// Whose conversation.
    pub visitor: VisitorId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The key that made the link.
    pub by: ApiKeyId,
    /// How it is written.
    pub format: TranscriptFormat,
}

impl Purpose for Download {
    const USE: &'static str = "download";
    const LIFE_MS: u64 = LINK_SECS_MAX as u64 * 1_000;
}

/// A purpose's claims beside its `use`, as they are minted.
#[derive(Serialize)]
struct Marked<T> {
    #[serde(rename = "use")]
    purpose: &'static str,
    #[serde(flatten)]
    claims: T,
}

/// A purpose's claims beside its `use` and its end, as they are read back.
#[derive(Deserialize)]
struct Read<T> {
    #[serde(rename = "use")]
    purpose: String,
    exp: u64,
    #[serde(flatten)]
    claims: T,
}

/// The key under which the edge makes and verifies its own tokens. Cannot be printed.
pub struct TokenKey {
    bytes: [u8; 32],
    jwt: Hs256Key,
}

impl TokenKey {
    /// Makes a key of 256 secret bits.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self {
            jwt: Hs256Key::new(bytes),
            bytes,
        }
    }

    /// Makes a token that lives from `now` for as long as its purpose says.
    ///
    /// # Errors
    /// [`TokenError::Form`] only for a clock beyond the year 262,000.
    pub fn mint<P: Purpose>(&self, claims: P, now: UnixMs) -> Result<String, TokenError> {
        self.mint_for(claims, now, P::LIFE_MS)
    }

    /// Makes a token that lives from `now` for so long, and no longer than its purpose says.
    ///
    /// # Errors
    /// As [`TokenKey::mint`].
    pub fn mint_for<P: Purpose>(
        &self,
        claims: P,
        now: UnixMs,
        life_ms: u64,
    ) -> Result<String, TokenError> {
        let mut claims = Claims::new(Marked {
            purpose: P::USE,
            claims,
        });
        let end = now.plus(life_ms.min(P::LIFE_MS));
        claims.expiration = Some(moment(end).ok_or(TokenError::Form)?);
        Hs256
            .token(&Header::empty(), &claims, &self.jwt)
            .map_err(|_| TokenError::Form)
    }

    /// Reads a token that [`TokenKey::mint`] made for the same purpose.
    ///
    /// # Errors
    /// [`TokenError::Signature`], [`TokenError::Form`] (another purpose included) or [`TokenError::Expired`].
    pub fn verify<P: Purpose>(&self, token: &str, now: UnixMs) -> Result<P, TokenError> {
        let payload = jws::parse(token)?.verify(&self.jwt)?;
        let read: Read<P> = jws::read(&payload)?;
        if read.purpose != P::USE {
            return Err(TokenError::Form);
        }
        if read.exp <= now.secs() {
            return Err(TokenError::Expired {
                expired_at: read.exp,
                now: now.secs(),
            });
        }
        Ok(read.claims)
    }

    /// Returns the visitor that a verified `sub` is, on one site: the same on every device, and unguessable without the
    /// key.
    pub fn verified_visitor(&self, site: &SiteId, sub: &str) -> VisitorId {
        VisitorId::from_random(self.keyed(&[b"visitor", site.as_str().as_bytes(), sub.as_bytes()]))
    }

    /// Returns what storage may know of a caller's address on a day: a keyed hash, which another day's cannot be
    /// compared with.
    pub fn address_hash(&self, address: Option<Address>, now: UnixMs) -> String {
        // Callers without an address share one place: only a broken proxy in front makes them.
        let counted = address.map_or([0; 16], |address| address.counted());
        let day = (now.secs() / 86_400).to_be_bytes();
        BASE64_URL_SAFE_NO_PAD.encode(self.keyed(&[b"address", &day, &counted]))
    }

    /// Returns what storage may know of a visitor token's `jti`: the same for the same one, whatever its length.
    pub fn jti_hash(&self, jti: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.keyed(&[b"jti", jti.as_bytes()]))
    }

    /// Returns how the audit trail names a thing: by its id, and what is a visitor's by a keyed hash of it. So a line
    /// tells nothing of anybody who was erased, and can still be found by whoever knows the id.
    pub fn audit_name(&self, id: &str) -> String {
        let is_a_visitors = [
            VisitorId::PREFIX,
            ConversationId::PREFIX,
            ReviewId::PREFIX,
            DeliveryId::PREFIX,
        ]
        .iter()
        .any(|prefix| id.starts_with(prefix));
        if !is_a_visitors {
            return id.to_owned();
        }
        let hash = self.keyed(&[b"audit", id.as_bytes()]);
        format!("hash_{}", BASE64_URL_SAFE_NO_PAD.encode(hash))
    }

    /// Returns half of the HMAC-SHA256 over parts, each with its length before it.
    fn keyed(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.bytes)
            .expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let (half, _) = digest.split_at(16);
        half.try_into().unwrap_or([0; 16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_795_314_763_042);

    fn access() -> Access {
        Access {
            site: SiteId::from_random([1; 16]),
            key: SiteKey::from_random([4; 16]),
            visitor: VisitorId::from_random([2; 16]),
            conversation: ConversationId::from_random([3; 16]),
            family: "fam".into(),
            generation: 1,
        }
    }

    #[test]
    fn a_token_reads_back_until_its_life_ends() {
        let key = TokenKey::new([7; 32]);
        let token = key.mint(access(), NOW).expect("minted");
        assert_eq!(
            key.verify(&token, NOW.plus(ACCESS_LIFE_MS - 1000)),
            Ok(access())
        );
        assert!(matches!(
            key.verify::<Access>(&token, NOW.plus(ACCESS_LIFE_MS)),
            Err(TokenError::Expired { .. })
        ));
    }

    #[test]
    fn a_link_lives_as_long_as_was_asked_for_and_a_week_at_the_most() {
        let key = TokenKey::new([7; 32]);
        let download = Download {
            org: OrgId::from_random([1; 16]),
            visitor: VisitorId::from_random([2; 16]),
            conversation: ConversationId::from_random([3; 16]),
            by: ApiKeyId::from_random([4; 16]),
            format: TranscriptFormat::Text,
        };
        let week_ms = Download::LIFE_MS;
        for (asked_ms, life_ms) in [(60_000, 60_000), (week_ms, week_ms), (u64::MAX, week_ms)] {
            let token = key
                .mint_for(download.clone(), NOW, asked_ms)
                .expect("minted");
            let read = |after_ms| key.verify::<Download>(&token, NOW.plus(after_ms));
            assert_eq!(read(life_ms - 1_000), Ok(download.clone()));
            assert!(matches!(read(life_ms), Err(TokenError::Expired { .. })));
        }
    }

    #[test]
    fn a_token_serves_its_own_purpose_under_its_own_key_only() {
        let key = TokenKey::new([7; 32]);
        let token = key.mint(access(), NOW).expect("minted");
        assert_eq!(key.verify::<Refresh>(&token, NOW), Err(TokenError::Form));
        assert_eq!(key.verify::<Ticket>(&token, NOW), Err(TokenError::Form));
        assert_eq!(
            TokenKey::new([8; 32]).verify::<Access>(&token, NOW),
            Err(TokenError::Signature)
        );
        for garbled in [
            "",
            "a.b.c",
            &token[1..],
            &token[..token.len() - 1],
            &format!("{token}="),
        ] {
            assert!(key.verify::<Access>(garbled, NOW).is_err(), "{garbled}");
        }
    }

    #[test]
    fn an_address_is_known_by_a_keyed_hash_that_changes_with_the_day() {
        let key = TokenKey::new([7; 32]);
        let hash = |text: &str, now| key.address_hash(Address::parse(text), now);
        assert_eq!(hash("2001:db8::1", NOW), hash("2001:db8::2", NOW));
        assert_ne!(hash("2001:db8::1", NOW), hash("2001:db8:0:1::1", NOW));
        assert_ne!(
            hash("198.51.100.7", NOW),
            hash("198.51.100.7", NOW.plus(86_400_000))
        );
        assert_ne!(
            hash("198.51.100.7", NOW),
            TokenKey::new([8; 32]).address_hash(Address::parse("198.51.100.7"), NOW)
        );
    }

    #[test]
    fn the_audit_trail_names_nothing_of_a_visitors() {
        let key = TokenKey::new([7; 32]);
        let site = SiteId::from_random([1; 16]);
        assert_eq!(key.audit_name(site.as_str()), site.0);
        let visitor = VisitorId::from_random([2; 16]);
        for id in [
            visitor.0.clone(),
            ConversationId::from_random([2; 16]).0,
            ReviewId::from_random([2; 16]).0,
            format!("{}0123", DeliveryId::PREFIX),
        ] {
            let name = key.audit_name(&id);
            assert!(name.starts_with("hash_") && name.len() == 27, "{name}");
            assert_eq!(name, key.audit_name(&id));
        }
        let other = TokenKey::new([8; 32]);
        assert_ne!(
            key.audit_name(visitor.as_str()),
            other.audit_name(visitor.as_str())
        );
    }

    #[test]
    fn a_subject_is_one_visitor_per_site() {
        let key = TokenKey::new([7; 32]);
        let (site, other) = (SiteId::from_random([1; 16]), SiteId::from_random([2; 16]));
        assert_eq!(
            key.verified_visitor(&site, "user-1"),
            key.verified_visitor(&site, "user-1")
        );
        assert_ne!(
            key.verified_visitor(&site, "user-1"),
            key.verified_visitor(&site, "user-2")
        );
        assert_ne!(
            key.verified_visitor(&site, "user-1"),
            key.verified_visitor(&other, "user-1")
        );
    }
}
