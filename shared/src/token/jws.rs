//! Signed texts: a compact JWS (RFC 7515) with HS256, read more strictly than libraries read it.
//!
//! Keeps true: nothing of the payload comes out before the signature has been checked; the algorithm is HS256 whatever
//! the header says; keys that a header brings along or points to (`jwk`, `jku`, `x5c`, `x5u`) are never looked at; what
//! two readers could read differently is refused: a name that stands twice, base64url with padding, other letters or
//! stray bits at its end, and extensions that must be understood (`crit`).
//! The library splits, decodes and compares in constant time.

use jwt_compact::alg::{Hs256, Hs256Key, Hs256Signature};
use jwt_compact::{Algorithm, AlgorithmSignature, UntrustedToken};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::TokenError;
use crate::text::json;

/// Tokens travel in small JSON bodies and headers; nothing honest comes near this.
pub const TOKEN_MAX_BYTES: usize = 8 * 1024;

/// A signed text that nobody has believed yet.
pub struct UnverifiedJws<'t> {
    untrusted: UntrustedToken<'t>,
    signed: &'t str,
    payload: Vec<u8>,
    kid: Option<String>,
}

/// Reads JSON. As text, like everything else that is read: a reader of bytes would be all of `serde_json` once more.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, TokenError> {
    let text = std::str::from_utf8(json).map_err(|_| TokenError::Form)?;
    serde_json::from_str(text).map_err(|_| TokenError::Form)
}

/// Reads a token's shape.
///
/// # Errors
/// [`TokenError::Form`] for what is not a compact JWS, or is one that two readers could read differently.
pub fn parse(token: &str) -> Result<UnverifiedJws<'_>, TokenError> {
    if token.len() > TOKEN_MAX_BYTES {
        return Err(TokenError::Form);
    }
    let untrusted = UntrustedToken::new(token).map_err(|_| TokenError::Form)?;
    let (signed, _) = token.rsplit_once('.').ok_or(TokenError::Form)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Form)?;
    let header = decode(header)?;
    json::check_unique(&header).map_err(|_| TokenError::Form)?;
    let mut header: Map<String, Value> = read(&header)?;
    if header.contains_key("crit") {
        return Err(TokenError::Form);
    }
    let kid = match header.remove("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid),
        Some(_) => return Err(TokenError::Form),
    };
    Ok(UnverifiedJws {
        untrusted,
        signed,
        payload: decode(payload)?,
        kid,
    })
}

/// Decodes base64url as RFC 7515 has it: without padding, and with nothing in the bits that are left over.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Form)
}

impl UnverifiedJws<'_> {
    /// Returns the name of the key that is said to have signed it.
    pub fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Returns the payload, when `key` signed it.
    ///
    /// # Errors
    /// [`TokenError::Signature`] for another key, another algorithm, or a signature of another length.
    pub fn verify(self, key: &Hs256Key) -> Result<Vec<u8>, TokenError> {
        let signature = self.untrusted.signature_bytes();
        let is_hs256 = self.untrusted.algorithm() == Hs256.name()
            && Hs256Signature::LENGTH.is_some_and(|length| length.get() == signature.len());
        if !is_hs256 {
            return Err(TokenError::Signature);
        }
        let signature =
            Hs256Signature::try_from_slice(signature).map_err(|_| TokenError::Signature)?;
        if Hs256.verify_signature(&signature, key, self.signed.as_bytes()) {
            Ok(self.payload)
        } else {
            Err(TokenError::Signature)
        }
    }
}
