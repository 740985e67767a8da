//! Whatever a token looks like, it is refused unless it was signed, and what comes out of a signed one is in bounds.
//!
//! The first byte of an input says what the rest is: a token, the claims of one that is signed here, or its header.
//! Without the last two nothing behind the signature would ever be reached.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use oriel_shared::id::UnixMs;
use oriel_shared::secret::Secret;
use oriel_shared::text::{email, external_id, name, traits};
use oriel_shared::token::visitor::{SKEW_SECS, SigningKey, TOKEN_MAX_BYTES, key_id, verify};
use sha2::Sha256;

const NOW_SECS: u64 = 1_795_314_763;
const NOW: UnixMs = UnixMs(NOW_SECS * 1000);
const LIFE_MAX: u32 = 300;
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const HEADER: &[u8] = br#"{"alg":"HS256","kid":"kid_1"}"#;
const CLAIMS: &[u8] = br#"{"aud":"pk_1","sub":"user-1","iat":1795314763,"exp":1795315063}"#;

/// Panics when the property does not hold for `input`.
pub fn hold(input: &[u8]) {
    match input.split_first() {
        Some((b'c', claims)) => hold_token(&sign(HEADER, claims)),
        Some((b'h', header)) => hold_token(&sign(header, CLAIMS)),
        Some((_, token)) => {
            if let Ok(token) = std::str::from_utf8(token) {
                hold_token(token);
            }
        }
        None => {}
    }
}

fn sign(header: &[u8], claims: &[u8]) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = mac(SECRET, &signed);
    format!("{signed}.{}", encode(&signature))
}

fn mac(secret: &[u8], signed: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret).expect("a key of any length");
    mac.update(signed.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hold_token(token: &str) {
    let key = |secret: &[u8]| SigningKey {
        kid: "kid_1".into(),
        secret: Secret::new(secret.to_vec()),
    };
    assert!(verify(token, &key(b"another"), "pk_1", LIFE_MAX, NOW).is_err());
    let Ok(claims) = verify(token, &key(SECRET), "pk_1", LIFE_MAX, NOW) else {
        return;
    };
    assert_eq!(key_id(token).as_deref(), Ok("kid_1"));
    assert!(verify(token, &key(SECRET), "pk_2", LIFE_MAX, NOW).is_err());
    // One spelling: three parts, and the signature of the first two.
    assert!(token.len() <= TOKEN_MAX_BYTES);
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    assert_eq!(signed.matches('.').count(), 1);
    assert_eq!(
        signature,
        BASE64_URL_SAFE_NO_PAD.encode(mac(SECRET, signed))
    );
    // Each claim is what its validator would give.
    assert!(external_id::check(&claims.sub).is_ok());
    assert!(
        claims
            .jti
            .is_none_or(|jti| external_id::check(&jti).is_ok())
    );
    assert!(claims.name.is_none_or(|text| name::name(&text) == Ok(text)));
    assert!(
        claims
            .email
            .is_none_or(|text| email::email(&text) == Ok(text))
    );
    assert!(traits::check(&claims.traits).is_ok());
    assert!(claims.exp + SKEW_SECS > NOW_SECS);
    assert!(claims.exp <= NOW_SECS + SKEW_SECS + u64::from(LIFE_MAX));
}
