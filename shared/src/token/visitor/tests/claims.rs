//! Each claim, in its form and its bounds.

use jwt_compact::alg::Hs256;
use jwt_compact::{AlgorithmExt, Header};
use serde_json::json;

use super::*;

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
