//! Tokens that are good, and the attacks on tokens that are known.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use jwt_compact::alg::Hs256;
use jwt_compact::{AlgorithmExt, Header};
use proptest::prelude::*;
use serde_json::json;
use sha2::{Sha256, Sha384, Sha512};

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

#[test]
fn a_good_token_names_its_visitor() {
    let mut claims = good();
    claims["name"] = json!(" Zoe\u{308} Smith ");
    claims["email"] = json!("zoe@EXAMPLE.com");
    claims["traits"] = json!({"plan": "pro", "seats": 3});
    claims["jti"] = json!("once");
    claims["role"] = json!("not known here");
    let named = check(&sign(&claims)).expect("a good token");
    assert_eq!(
        named,
        VisitorClaims {
            sub: "user-1".into(),
            jti: Some("once".into()),
            exp: NOW_SECS + 300,
            name: Some("Zoë Smith".into()),
            email: Some("zoe@example.com".into()),
            traits: json!({"plan": "pro", "seats": 3})
                .as_object()
                .expect("an object")
                .clone(),
        }
    );
}

#[test]
fn a_token_that_a_library_made_is_good() {
    let header: Header = Header::empty().with_key_id("kid_1");
    let token = Hs256
        .token(
            &header,
            &jwt_compact::Claims::new(good()),
            &Hs256Key::new(SECRET),
        )
        .expect("signed");
    assert_eq!(check(&token).map(|claims| claims.sub), Ok("user-1".into()));
}

#[test]
fn each_claim_is_checked() {
    assert!(check(&sign(&good())).is_ok());
    for (claims, expected) in [
        (with("aud", json!("pk_2")), "aud"),
        (with("aud", json!("PK_1")), "aud"),
        (with("aud", json!("")), "aud"),
        (with("aud", json!(1)), "aud"),
        (with("aud", json!([])), "aud"),
        (with("aud", json!(["pk_1", "pk_2"])), "aud"),
        (with("aud", json!(["pk_2"])), "aud"),
        (with("aud", json!([["pk_1"]])), "aud"),
        (with("aud", json!({"pk_1": true})), "aud"),
        (with("sub", json!("")), "sub"),
        (with("sub", json!("x".repeat(129))), "sub"),
        (with("sub", json!("a\nb")), "sub"),
        (with("sub", json!(7)), "sub"),
        (with("sub", json!(["user-1"])), "sub"),
        (with("sub", json!(true)), "sub"),
        (with("iat", json!(NOW_SECS + 31)), "iat"),
        (with("exp", json!(NOW_SECS + 301)), "exp"),
        (with("exp", json!(NOW_SECS)), "exp"),
        (with("nbf", json!(NOW_SECS + 31)), "nbf"),
        (with("nbf", json!("soon")), "nbf"),
        (with("jti", json!("")), "jti"),
        (with("jti", json!(1)), "jti"),
        (with("jti", json!("x".repeat(129))), "jti"),
        (with("name", json!("")), "name"),
        (with("name", json!(7)), "name"),
        (with("name", json!("\u{202e}nnA")), "name"),
        (with("name", json!("x".repeat(101))), "name"),
        (with("email", json!("zoe")), "email"),
        (with("email", json!(["zoe@example.com"])), "email"),
        (
            with("email", json!("zoe@example.com\r\nBcc: eve@example.com")),
            "email",
        ),
        (with("traits", json!([])), "traits"),
        (with("traits", json!("pro")), "traits"),
        (with("traits", json!({"a": {"b": 1}})), "traits"),
        (with("traits", json!({"a": "x".repeat(513)})), "traits"),
    ] {
        assert_eq!(check(&sign(&claims)), claim(expected), "{claims}");
    }
    for missing in ["aud", "sub", "iat", "exp"] {
        let mut claims = good();
        claims.as_object_mut().expect("an object").remove(missing);
        assert_eq!(check(&sign(&claims)), claim(missing), "{missing}");
        assert_eq!(
            check(&sign(&with(missing, Value::Null))),
            claim(missing),
            "{missing}"
        );
    }
}

#[test]
fn one_audience_in_a_list_is_that_audience() {
    assert!(check(&sign(&with("aud", json!(["pk_1"])))).is_ok());
}

#[test]
fn times_that_are_no_times_are_refused() {
    let at = |name: &'static str, number: &str| {
        let claims = good().to_string();
        let value = good()[name].to_string();
        let claims = claims.replace(
            &format!("\"{name}\":{value}"),
            &format!("\"{name}\":{number}"),
        );
        assert!(claims.contains(number), "{claims}");
        check(&signed(HEADER, &claims))
    };
    for name in ["iat", "exp"] {
        for number in [
            "-1",
            "-1e300",
            "1e300",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "253402300800",
            "1795314763042",
            "true",
            "\"1795314763\"",
            "[1795314763]",
            "{}",
        ] {
            assert_eq!(at(name, number), claim(name), "{name} {number}");
        }
        // No JSON numbers.
        for number in ["1e999", "NaN", "Infinity", "0x10", "01795314763", "+1"] {
            assert_eq!(at(name, number), Err(TokenError::Form), "{name} {number}");
        }
    }
    // RFC 7519 allows fractions.
    assert!(at("iat", &format!("{NOW_SECS}.75")).is_ok());
    assert!(at("exp", &format!("{}.9", NOW_SECS + 300)).is_ok());
    assert_eq!(at("iat", "0"), claim("exp"));
    assert_eq!(
        at("exp", "0"),
        Err(TokenError::Expired {
            expired_at: 0,
            now: NOW_SECS
        })
    );
}

#[test]
fn a_token_is_refused_past_its_life_and_the_skew() {
    let lived = |iat, exp| {
        check(&sign(
            &json!({"aud": "pk_1", "sub": "user-1", "iat": iat, "exp": exp}),
        ))
    };
    for (iat, exp) in [
        (NOW_SECS - 331, NOW_SECS - 31),
        (NOW_SECS - 330, NOW_SECS - 30),
    ] {
        assert_eq!(
            lived(iat, exp),
            Err(TokenError::Expired {
                expired_at: exp,
                now: NOW_SECS
            })
        );
    }
    assert!(lived(NOW_SECS - 329, NOW_SECS - 29).is_ok());
    assert!(lived(NOW_SECS + 30, NOW_SECS + 330).is_ok());
    assert_eq!(lived(NOW_SECS + 31, NOW_SECS + 331), claim("iat"));
    assert_eq!(lived(NOW_SECS, NOW_SECS + 301), claim("exp"));
    assert!(check(&sign(&with("nbf", json!(NOW_SECS + 30)))).is_ok());
}

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

#[test]
fn what_is_said_twice_is_refused() {
    let claims = good().to_string();
    for twice in [
        r#""sub":"user-2""#,
        r#""aud":"pk_1""#,
        r#""exp":1795315063"#,
        r#""iat":1795314763"#,
        r#""s\u0075b":"user-2""#,
        r#""role":"a","role":"b""#,
        r#""traits":{"a":1,"a":2}"#,
        r#""nbf":1,"nbf":9999999999"#,
        r#""jti":"a","jti":"b""#,
    ] {
        let claims = claims.replacen('{', &format!("{{{twice},"), 1);
        assert_eq!(
            check(&signed(HEADER, &claims)),
            Err(TokenError::Form),
            "{claims}"
        );
    }
    for header in [
        r#"{"alg":"none","alg":"HS256","kid":"kid_1"}"#,
        r#"{"alg":"HS256","alg":"HS256","kid":"kid_1"}"#,
        r#"{"alg":"HS256","kid":"kid_2","kid":"kid_1"}"#,
        r#"{"alg":"HS256","kid":"kid_1","k\u0069d":"kid_1"}"#,
        r#"{"alg":"HS256","kid":"kid_1","typ":"JWT","typ":"JWT"}"#,
    ] {
        assert_eq!(
            check(&signed(header, &claims)),
            Err(TokenError::Form),
            "{header}"
        );
    }
}

#[test]
fn claims_and_headers_are_json_objects() {
    for claims in [
        "",
        "{",
        "[]",
        "null",
        "\"user-1\"",
        "{}x",
        "\u{feff}{}",
        "{\"sub\":\"\u{1}\"}",
    ] {
        assert_eq!(
            check(&signed(HEADER, claims)),
            Err(TokenError::Form),
            "{claims:?}"
        );
    }
    for header in ["", "[]", "null", "\"HS256\"", r#"["HS256",null]"#] {
        assert_eq!(
            check(&signed(header, &good().to_string())),
            Err(TokenError::Form),
            "{header:?}"
        );
    }
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(1000), "]".repeat(1000));
    assert_eq!(check(&signed(HEADER, &deep)), Err(TokenError::Form));
    assert_eq!(
        check(&signed(HEADER, &good().to_string()).replace('.', "..")),
        Err(TokenError::Form)
    );
}

#[test]
fn a_signature_is_whole_and_spelt_one_way() {
    let token = sign(&good());
    let (rest, signature) = token.rsplit_once('.').expect("three parts");
    let bytes = hs256(SECRET, rest);
    for n in 0..32 {
        let short = format!("{rest}.{}", encoded(&bytes[..n]));
        assert_eq!(check(&short), Err(TokenError::Signature), "{n} bytes");
    }
    for long in [vec![0], vec![0; 32], bytes.clone()] {
        let long = format!("{rest}.{}", encoded([bytes.clone(), long].concat()));
        assert_eq!(check(&long), Err(TokenError::Signature));
    }
    // The last letter of 32 bytes has two bits to spare: three other letters stand for the same bytes.
    let last = signature.chars().last().expect("a letter");
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).expect("a letter of the alphabet");
    assert_eq!(at % 4, 0);
    for spare in 1..4 {
        let letter = &alphabet[at + spare..=at + spare];
        let other = format!("{rest}.{}{letter}", &signature[..signature.len() - 1]);
        assert_eq!(check(&other), Err(TokenError::Form), "{letter}");
    }
    for padded in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token}%3D"),
        format!("{rest}.{}", BASE64_URL_SAFE.encode(&bytes)),
    ] {
        assert_eq!(check(&padded), Err(TokenError::Form), "{padded}");
    }
}

#[test]
fn the_alphabet_is_the_one_for_urls() {
    // Bytes that standard base64 writes with `+` and `/`.
    let claims = with("sub", json!("???>>>~~~ÿÿÿ"));
    let token = sign(&claims);
    assert!(check(&token).is_ok() && token.contains(['-', '_']));
    let standard = token.replace('-', "+").replace('_', "/");
    assert_eq!(check(&standard), Err(TokenError::Form));
}

#[test]
fn nothing_stands_around_or_between_the_three_parts() {
    let token = sign(&good());
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("three parts");
    };
    for garbled in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        format!("{token}\n"),
        format!("{token}\r\n"),
        format!("{token} "),
        format!(" {token}"),
        format!("\n{token}"),
        format!("\u{feff}{token}"),
        format!("{token}\0"),
        format!("{token}."),
        format!(".{token}"),
        format!("{header}..{claims}.{signature}"),
        format!("{header}.{claims} .{signature}"),
        format!("{header}.{claims}\n.{signature}"),
        format!("{header}.{claims}"),
        // Five parts: the shape of an encrypted token.
        format!("{header}.{claims}.{signature}.{claims}.{signature}"),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!(
            r#"{{"payload":"{claims}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
        ),
        format!("Bearer {token}"),
    ] {
        assert_eq!(check(&garbled), Err(TokenError::Form), "{garbled:?}");
        assert!(key_id(&garbled).is_err(), "{garbled:?}");
    }
    // Parts that are there but empty: nobody signed that.
    assert_eq!(
        check(&format!("{header}..{signature}")),
        Err(TokenError::Signature)
    );
}

#[test]
fn a_token_is_bounded_before_it_is_read() {
    let filled = |n: usize| sign(&with("filling", json!("x".repeat(n))));
    let n_around = filled(0).len();
    let largest = filled((TOKEN_MAX_BYTES - n_around) * 3 / 4 - 3);
    assert!(largest.len() <= TOKEN_MAX_BYTES && largest.len() > TOKEN_MAX_BYTES - 16);
    assert!(check(&largest).is_ok());
    assert_eq!(
        check(&filled((TOKEN_MAX_BYTES - n_around) * 3 / 4 + 16)),
        Err(TokenError::Form)
    );
    let huge = filled(1024 * 1024);
    assert!(huge.len() > 1024 * 1024);
    assert_eq!(check(&huge), Err(TokenError::Form));
    assert_eq!(key_id(&huge), Err(TokenError::Form));
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
