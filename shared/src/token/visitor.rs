//! Visitor tokens: JWTs that a customer's backend made with one of its site's signing keys.
//!
//! Any JWT library of any language can make one. Required: `kid` in the header; `aud` (the site's public key), `sub`
//! (1 to 128 characters), `iat` and `exp`. Optional: `nbf`, `jti` (then single-use, which the visitor's object
//! checks), `name`, `email`, `traits`. Sources: RFC 7519, RFC 8725 (pin the algorithm, check every claim).

use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{AlgorithmExt, UntrustedToken, ValidationError};
use serde::{Deserialize, Serialize};

use super::{TokenError, secs};
use crate::id::UnixMs;
use crate::secret::Secret;

/// Clocks of customers' servers differ from ours by up to this.
pub const SKEW_SECS: u64 = 30;
/// What a site may allow at the most: a day.
pub const LONGEST_LIFE_SECS: u32 = 86_400;
/// What a site allows unless it says otherwise.
pub const DEFAULT_LIFE_SECS: u32 = 300;
/// Characters of a `sub` at the most.
pub const SUB_MAX: usize = 128;
/// A token travels in a small JSON body; nothing honest comes near this.
pub const TOKEN_MAX_BYTES: usize = 8 * 1024;

/// What a customer says about a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorClaims {
    /// Public key of the site that the token is for.
    pub aud: String,
    /// The customer's own id of the visitor.
    pub sub: String,
    /// Makes the token single-use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
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
/// [`TokenError::Form`] when there is none or the token is none.
pub fn key_id(token: &str) -> Result<String, TokenError> {
    if token.len() > TOKEN_MAX_BYTES {
        return Err(TokenError::Form);
    }
    let untrusted: UntrustedToken<'_> = UntrustedToken::new(token).map_err(|_| TokenError::Form)?;
    untrusted.header().key_id.clone().ok_or(TokenError::Form)
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
    if key_id(token)? != key.kid {
        return Err(TokenError::Signature);
    }
    let untrusted: UntrustedToken<'_> = UntrustedToken::new(token).map_err(|_| TokenError::Form)?;
    let token = Hs256
        .validator::<VisitorClaims>(&Hs256Key::new(key.secret.expose()))
        .validate(&untrusted)
        .map_err(|error| refused(&error))?;
    let (_, claims) = token.into_parts();
    let now = now.secs();

    let claim = |claim| TokenError::Claim { claim };
    let issued_at = secs(claims.issued_at.ok_or(claim("iat"))?);
    let expired_at = secs(claims.expiration.ok_or(claim("exp"))?);
    if expired_at + SKEW_SECS <= now {
        return Err(TokenError::Expired { expired_at, now });
    }
    if issued_at > now + SKEW_SECS {
        return Err(claim("iat"));
    }
    if expired_at <= issued_at || expired_at - issued_at > u64::from(longest_life_secs) {
        return Err(claim("exp"));
    }
    if claims
        .not_before
        .is_some_and(|not_before| secs(not_before) > now + SKEW_SECS)
    {
        return Err(claim("nbf"));
    }
    let claims = claims.custom;
    if claims.aud != site_key {
        return Err(claim("aud"));
    }
    if claims.sub.is_empty() || claims.sub.chars().count() > SUB_MAX {
        return Err(claim("sub"));
    }
    if claims
        .jti
        .as_ref()
        .is_some_and(|jti| jti.is_empty() || jti.len() > SUB_MAX)
    {
        return Err(claim("jti"));
    }
    Ok(claims)
}

/// Tells a wrong signature from a wrong shape.
pub(super) fn refused(error: &ValidationError) -> TokenError {
    match error {
        ValidationError::AlgorithmMismatch { .. }
        | ValidationError::InvalidSignatureLen { .. }
        | ValidationError::MalformedSignature(_)
        | ValidationError::InvalidSignature => TokenError::Signature,
        _ => TokenError::Form,
    }
}

#[cfg(test)]
mod tests {
    use jwt_compact::{Claims, Header};
    use serde_json::{Value, json};

    use super::*;

    const NOW: UnixMs = UnixMs(1_795_314_763_042);
    const NOW_SECS: u64 = 1_795_314_763;

    fn key() -> SigningKey {
        SigningKey {
            kid: "kid_1".into(),
            secret: Secret::new(b"0123456789abcdef0123456789abcdef".to_vec()),
        }
    }

    fn sign(claims: Value) -> String {
        let header: Header = Header::empty().with_key_id("kid_1");
        Hs256
            .token(
                &header,
                &Claims::new(claims),
                &Hs256Key::new(key().secret.expose()),
            )
            .expect("signed")
    }

    fn good() -> Value {
        json!({"aud": "pk_1", "sub": "user-1", "iat": NOW_SECS, "exp": NOW_SECS + 300})
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    fn check(token: &str) -> Result<VisitorClaims, TokenError> {
        verify(token, &key(), "pk_1", 300, NOW)
    }

    #[test]
    fn a_good_token_names_its_visitor() {
        assert_eq!(
            check(&sign(good())).map(|claims| claims.sub),
            Ok("user-1".into())
        );
    }

    #[test]
    fn each_claim_is_checked() {
        let claim = |claim| Err(TokenError::Claim { claim });
        for (claims, expected) in [
            (with("aud", json!("pk_2")), claim("aud")),
            (with("sub", json!("")), claim("sub")),
            (with("sub", json!("x".repeat(129))), claim("sub")),
            (with("sub", json!(7)), Err(TokenError::Form)),
            (with("iat", json!(NOW_SECS + 31)), claim("iat")),
            (with("exp", json!(NOW_SECS + 301)), claim("exp")),
            (with("nbf", json!(NOW_SECS + 31)), claim("nbf")),
            (with("jti", json!("")), claim("jti")),
        ] {
            assert_eq!(check(&sign(claims.clone())), expected, "{claims}");
        }
        for missing in ["aud", "sub", "iat", "exp"] {
            let mut claims = good();
            claims.as_object_mut().expect("an object").remove(missing);
            assert!(check(&sign(claims)).is_err(), "{missing}");
        }
    }

    #[test]
    fn a_token_is_refused_past_its_life_and_the_skew() {
        let late =
            json!({"aud": "pk_1", "sub": "user-1", "iat": NOW_SECS - 331, "exp": NOW_SECS - 31});
        assert!(matches!(
            check(&sign(late)),
            Err(TokenError::Expired { .. })
        ));
        let within_skew =
            json!({"aud": "pk_1", "sub": "user-1", "iat": NOW_SECS - 300, "exp": NOW_SECS - 5});
        assert!(check(&sign(within_skew)).is_ok());
    }

    #[test]
    fn another_key_or_algorithm_is_refused() {
        let token = sign(good());
        let other = SigningKey {
            kid: "kid_1".into(),
            secret: Secret::new(b"another secret".to_vec()),
        };
        assert_eq!(
            verify(&token, &other, "pk_1", 300, NOW),
            Err(TokenError::Signature)
        );
        let unknown = SigningKey {
            kid: "kid_2".into(),
            secret: key().secret,
        };
        assert_eq!(
            verify(&token, &unknown, "pk_1", 300, NOW),
            Err(TokenError::Signature)
        );
        // {"alg":"none","kid":"kid_1"}
        let none = format!(
            "eyJhbGciOiJub25lIiwia2lkIjoia2lkXzEifQ.{}.",
            token.split('.').nth(1).expect("claims")
        );
        assert!(check(&none).is_err());
        assert_eq!(
            check(&"a".repeat(TOKEN_MAX_BYTES + 1)),
            Err(TokenError::Form)
        );
    }
}
