//! The form of a token, byte by byte.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE;

use super::*;

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
