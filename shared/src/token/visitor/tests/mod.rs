//! Tokens that are good, and the attacks on tokens that are known.
//!
//! - `claims`: what a token says; `keys`: who signed it, and how; `form`: what counts as a token at all

mod claims;
mod form;
mod keys;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use proptest::prelude::*;
use serde_json::json;
use sha2::Sha256;

use super::*;

const NOW: UnixMs = UnixMs(1_795_314_763_042);
const NOW_SECS: u64 = 1_795_314_763;
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT","kid":"kid_1"}"#;

fn key() -> SigningKey {
    SigningKey {
        kid: "kid_1".into(),
        secret: Secret::new(SECRET.to_vec()),
    }
}

fn check(token: &str) -> Result<VisitorClaims, TokenError> {
    verify(token, &key(), "pk_1", 300, NOW)
}

fn encoded(text: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}

fn hs256(secret: &[u8], signed: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).expect("a key");
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// A token of these very bytes, well signed, whatever they are.
fn signed(header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let signature = encoded(hs256(SECRET, &signed));
    format!("{signed}.{signature}")
}

fn sign(claims: &Value) -> String {
    signed(HEADER, &claims.to_string())
}

fn good() -> Value {
    json!({"aud": "pk_1", "sub": "user-1", "iat": NOW_SECS, "exp": NOW_SECS + 300})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn claim<T>(claim: &'static str) -> Result<T, TokenError> {
    Err(TokenError::Claim { claim })
}

proptest! {
    #[test]
    fn what_was_signed_reads_back(sub in "[^\\p{Cc}]{1,128}", life in 1_u64..=300, age in 0_u64..300) {
        let iat = NOW_SECS - age;
        let claims = json!({"aud": "pk_1", "sub": sub, "iat": iat, "exp": iat + life});
        let read = check(&sign(&claims));
        if iat + life + SKEW_SECS <= NOW_SECS {
            let is_expired = matches!(read, Err(TokenError::Expired { .. }));
            prop_assert!(is_expired);
        } else {
            prop_assert_eq!(read.map(|claims| (claims.sub, claims.exp)), Ok((sub, iat + life)));
        }
    }

    #[test]
    fn no_byte_of_a_token_can_be_changed(at: prop::sample::Index, byte in 0_u8..128) {
        let token = sign(&good());
        let at = at.index(token.len());
        let mut bytes = token.clone().into_bytes();
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let changed = String::from_utf8(bytes).expect("ASCII");
        prop_assert!(check(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "(?s).{0,200}|[A-Za-z0-9_-]{0,60}(\\.[A-Za-z0-9_=-]{0,60}){1,4}") {
        prop_assert!(check(&text).is_err());
    }
}
