//! Visitor tokens: JWTs that a customer's backend made with one of its site's signing keys.
//!
//! Any JWT library of any language can make one. Required: `kid` in the header; `aud` (the site's public key), `sub`
//! (1 to 128 characters), `iat` and `exp`. Optional: `nbf`, `jti` (then single-use, which the visitor's object
//! checks), `name`, `email`, `traits`. A claim that is `null` counts as absent; claims that are not known here are
//! skipped. Sources: RFC 7519, RFC 8725 (pin the algorithm, check every claim).

use jwt_compact::alg::Hs256Key;
use serde_json::{Map, Value};

use super::{TokenError, jws};
use crate::id::UnixMs;
use crate::secret::Secret;
use crate::text::{email, external_id, json, name, traits};

pub use super::jws::TOKEN_MAX_BYTES;

/// Clocks of customers' servers differ from ours by up to this.
pub const SKEW_SECS: u64 = 30;
/// What a site may allow at the most: a day.
pub const LONGEST_LIFE_SECS: u32 = 86_400;
/// What a site allows unless it says otherwise.
pub const DEFAULT_LIFE_SECS: u32 = 300;
/// The end of the year 9999. A later time in a token is a mistake in units.
const LATEST_SECS: u64 = 253_402_300_799;

/// What a customer says about a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorClaims {
    /// The customer's own id of the visitor.
    pub sub: String,
    /// Makes the token single-use.
    pub jti: Option<String>,
    /// When the token ends, unix seconds: a `jti` need not be remembered for longer than this and [`SKEW_SECS`].
    pub exp: u64,
    /// What to call the visitor.
    pub name: Option<String>,
    /// Where the visitor reads mail.
    pub email: Option<String>,
    /// Other facts, one level deep.
    pub traits: Map<String, Value>,
}

/// One live signing key of a site.
pub struct SigningKey {
    /// The `kid` of its tokens.
    pub kid: String,
    /// The secret's bytes.
    pub secret: Secret<Vec<u8>>,
}

/// Reads the `kid` of a token that nobody has believed yet, to find its key.
///
/// # Errors
/// [`TokenError::Form`] when the token has no `kid`, or is not a token.
pub fn key_id(token: &str) -> Result<String, TokenError> {
    let unchecked = jws::parse(token)?;
    unchecked
        .key_id()
        .map(str::to_owned)
        .ok_or(TokenError::Form)
}

/// Verifies a visitor token against the key that its `kid` names.
///
/// # Errors
/// [`TokenError::Signature`] for another key or algorithm, [`TokenError::Expired`], [`TokenError::Claim`] with the
/// first claim that is refused, [`TokenError::Form`] for the rest.
pub fn verify(
    token: &str,
    key: &SigningKey,
    site_key: &str,
    longest_life_secs: u32,
    now: UnixMs,
) -> Result<VisitorClaims, TokenError> {
    let unchecked = jws::parse(token)?;
    if unchecked.key_id() != Some(key.kid.as_str()) {
        return Err(TokenError::Signature);
    }
    let payload = unchecked.verify(&Hs256Key::new(key.secret.expose()))?;
    let claims = Claims::read(&payload)?;
    claims.check_audience(site_key)?;
    let exp = claims.check_times(longest_life_secs, now.secs())?;
    claims.visitor(exp)
}

fn refused(claim: &'static str) -> TokenError {
    TokenError::Claim { claim }
}

/// The claims of a token whose signature was checked.
struct Claims(Map<String, Value>);

impl Claims {
    fn read(payload: &[u8]) -> Result<Self, TokenError> {
        // A claim that stands twice would mean one thing to the customer's library and another here.
        json::check_unique(payload).map_err(|_| TokenError::Form)?;
        jws::read(payload).map(Self)
    }

    fn get(&self, claim: &str) -> Option<&Value> {
        self.0.get(claim).filter(|value| !value.is_null())
    }

    fn text(&self, claim: &'static str) -> Result<Option<&str>, TokenError> {
        self.get(claim)
            .map(|value| value.as_str().ok_or_else(|| refused(claim)))
            .transpose()
    }

    /// Reads a moment in unix seconds. RFC 7519 allows fractions; they are dropped.
    fn moment(&self, claim: &'static str) -> Result<Option<u64>, TokenError> {
        let Some(value) = self.get(claim) else {
            return Ok(None);
        };
        let secs = value.as_u64().or_else(|| {
            let secs = value.as_f64().filter(|secs| *secs >= 0.0)?;
            // Floats beyond the range become its end, which is refused below.
            Some(secs as u64)
        });
        secs.filter(|secs| *secs <= LATEST_SECS)
            .map(Some)
            .ok_or_else(|| refused(claim))
    }

    /// Accepts one audience, this site; as a text or as a list of one. A token that names others beside could be shown
    /// here by any of them.
    fn check_audience(&self, site_key: &str) -> Result<(), TokenError> {
        let audience = match self.get("aud") {
            Some(Value::Array(audiences)) if audiences.len() == 1 => audiences.first(),
            other => other,
        };
        (audience.and_then(Value::as_str) == Some(site_key))
            .then_some(())
            .ok_or_else(|| refused("aud"))
    }

    /// Returns the end of the token's life.
    fn check_times(&self, longest_life_secs: u32, now: u64) -> Result<u64, TokenError> {
        let issued_at = self.moment("iat")?.ok_or_else(|| refused("iat"))?;
        let expired_at = self.moment("exp")?.ok_or_else(|| refused("exp"))?;
        if expired_at + SKEW_SECS <= now {
            return Err(TokenError::Expired { expired_at, now });
        }
        if issued_at > now + SKEW_SECS {
            return Err(refused("iat"));
        }
        if expired_at <= issued_at || expired_at - issued_at > u64::from(longest_life_secs) {
            return Err(refused("exp"));
        }
        if self.moment("nbf")?.is_some_and(|nbf| nbf > now + SKEW_SECS) {
            return Err(refused("nbf"));
        }
        Ok(expired_at)
    }

    fn visitor(&self, exp: u64) -> Result<VisitorClaims, TokenError> {
        let id = |claim| -> Result<Option<String>, TokenError> {
            let id = self.text(claim)?;
            id.map(|id| external_id::check(id).map(|()| id.to_owned()))
                .transpose()
                .map_err(|_| refused(claim))
        };
        let traits = match self.get("traits") {
            None => Map::new(),
            Some(Value::Object(traits)) if traits::check(traits).is_ok() => traits.clone(),
            Some(_) => return Err(refused("traits")),
        };
        Ok(VisitorClaims {
            sub: id("sub")?.ok_or_else(|| refused("sub"))?,
            jti: id("jti")?,
            exp,
            name: self
                .text("name")?
                .map(name::name)
                .transpose()
                .map_err(|_| refused("name"))?,
            email: self
                .text("email")?
                .map(email::email)
                .transpose()
                .map_err(|_| refused("email"))?,
            traits,
        })
    }
}

#[cfg(test)]
mod tests;
