//! Keys and algorithms: a token is believed for the signature of the one key that it names.

use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::{Sha384, Sha512};

use super::*;

#[test]
fn the_algorithm_is_never_read_from_the_token() {
    let claims = encoded(good().to_string());
    for alg in [
        "none", "None", "NONE", "nOnE", "", "hs256", "Hs256", "HS256 ", "HS384", "HS512", "ES256",
        "RS256", "PS256", "EdDSA", "dir",
    ] {
        let header = encoded(json!({"alg": alg, "kid": "kid_1"}).to_string());
        let signed = format!("{header}.{claims}");
        for signature in [
            String::new(),
            encoded(hs256(SECRET, &signed)),
            encoded([0; 32]),
            encoded([0; 64]),
        ] {
            assert_eq!(
                check(&format!("{signed}.{signature}")),
                Err(TokenError::Signature),
                "{alg}"
            );
        }
    }
    // Well signed, by the longer sisters of the algorithm.
    let head = |alg: &str| {
        format!(
            "{}.{claims}",
            encoded(json!({"alg": alg, "kid": "kid_1"}).to_string())
        )
    };
    for alg in ["HS384", "HS256"] {
        let mut mac = <Hmac<Sha384> as Mac>::new_from_slice(SECRET).expect("a key");
        mac.update(head(alg).as_bytes());
        let token = format!("{}.{}", head(alg), encoded(mac.finalize().into_bytes()));
        assert_eq!(check(&token), Err(TokenError::Signature), "{alg}");
    }
    for alg in ["HS512", "HS256"] {
        let mut mac = <Hmac<Sha512> as Mac>::new_from_slice(SECRET).expect("a key");
        mac.update(head(alg).as_bytes());
        let token = format!("{}.{}", head(alg), encoded(mac.finalize().into_bytes()));
        assert_eq!(check(&token), Err(TokenError::Signature), "{alg}");
    }
    for header in [
        r#"{"kid":"kid_1"}"#,
        r#"{"alg":null,"kid":"kid_1"}"#,
        r#"{"alg":256,"kid":"kid_1"}"#,
        r#"{"alg":["HS256"],"kid":"kid_1"}"#,
        r#"{"ALG":"HS256","kid":"kid_1"}"#,
    ] {
        assert_eq!(
            check(&signed(header, &good().to_string())),
            Err(TokenError::Form),
            "{header}"
        );
    }
}

#[test]
fn only_the_key_that_is_named_and_live_signs() {
    let token = sign(&good());
    let other = SigningKey {
        kid: "kid_1".into(),
        secret: Secret::new(b"another secret".to_vec()),
    };
    let renamed = SigningKey {
        kid: "kid_2".into(),
        secret: Secret::new(SECRET.to_vec()),
    };
    for key in [other, renamed] {
        assert_eq!(
            verify(&token, &key, "pk_1", 300, NOW),
            Err(TokenError::Signature)
        );
    }
    for (header, expected) in [
        (r#"{"alg":"HS256","kid":"kid_9"}"#, TokenError::Signature),
        (r#"{"alg":"HS256","kid":""}"#, TokenError::Signature),
        (r#"{"alg":"HS256"}"#, TokenError::Signature),
        (r#"{"alg":"HS256","kid":null}"#, TokenError::Form),
        (r#"{"alg":"HS256","kid":1}"#, TokenError::Form),
        (r#"{"alg":"HS256","kid":["kid_1"]}"#, TokenError::Form),
        (r#"{"alg":"HS256","kid":{"kid_1":1}}"#, TokenError::Form),
    ] {
        let token = signed(header, &good().to_string());
        assert_eq!(check(&token), Err(expected), "{header}");
    }
    assert_eq!(
        key_id(&signed(r#"{"alg":"HS256"}"#, "{}")),
        Err(TokenError::Form)
    );
    assert_eq!(key_id(&token).as_deref(), Ok("kid_1"));
}

#[test]
fn a_key_that_the_token_brings_along_is_not_used() {
    let own = b"a secret that the attacker chose";
    for member in [
        json!({"jwk": {"kty": "oct", "k": encoded(own)}}),
        json!({"jku": "https://evil.example/keys.json"}),
        json!({"x5u": "https://evil.example/cert.pem"}),
        json!({"x5c": [BASE64_STANDARD.encode(own)]}),
    ] {
        let mut header = member.clone();
        header["alg"] = json!("HS256");
        header["kid"] = json!("kid_1");
        let signed = format!(
            "{}.{}",
            encoded(header.to_string()),
            encoded(good().to_string())
        );
        let token = format!("{signed}.{}", encoded(hs256(own, &signed)));
        assert_eq!(check(&token), Err(TokenError::Signature), "{member}");
    }
}

#[test]
fn extensions_that_must_be_understood_are_refused() {
    for extra in [
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""cty":"JWT""#,
    ] {
        let header = format!(r#"{{"alg":"HS256","kid":"kid_1",{extra}}}"#);
        let token = signed(&header, &good().to_string());
        assert_eq!(check(&token), Err(TokenError::Form), "{extra}");
    }
}
