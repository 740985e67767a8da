//! The public Wycheproof vectors, through the code that verifies tokens and keys.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jwt_compact::alg::Hs256Key;
use oriel_shared::token::{TokenError, jws};
use serde_json::Value;
use sha2::Sha256;

fn groups(json: &str, n_tests: u64) -> Vec<Value> {
    let file: Value = serde_json::from_str(json).expect("the file is JSON");
    assert_eq!(file["numberOfTests"], n_tests);
    file["testGroups"].as_array().expect("groups").clone()
}

fn tests(group: &Value) -> &Vec<Value> {
    group["tests"].as_array().expect("tests")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect("a text")
}

fn hex(value: &Value, name: &str) -> Vec<u8> {
    let digits = text(value, name);
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex"))
        .collect()
}

#[test]
fn hmac_sha256_agrees_with_every_vector() {
    let groups = groups(
        include_str!("../../testdata/wycheproof/hmac_sha256_test.json"),
        174,
    );
    let (mut n_valid, mut n_invalid) = (0, 0);
    for group in &groups {
        let tag_bytes = group["tagSize"].as_u64().expect("a size") as usize / 8;
        for test in tests(group) {
            let mut mac = Hmac::<Sha256>::new_from_slice(&hex(test, "key")).expect("any length");
            mac.update(&hex(test, "msg"));
            let tag = hex(test, "tag");
            let is_good = tag.len() == tag_bytes && mac.clone().verify_truncated_left(&tag).is_ok();
            assert_eq!(is_good, text(test, "result") == "valid", "{test}");
            // Tokens take whole tags only.
            let is_whole = tag_bytes == 32;
            assert_eq!(
                mac.verify_slice(&tag).is_ok(),
                is_good && is_whole,
                "{test}"
            );
            if is_good {
                n_valid += 1
            } else {
                n_invalid += 1
            }
        }
    }
    assert_eq!((n_valid, n_invalid), (66, 108));
}

/// Checks a token's shape and signature, as visitors' tokens and our own are checked.
fn verify(token: &str, key: &[u8]) -> Result<Vec<u8>, TokenError> {
    jws::parse(token)?.verify(&Hs256Key::new(key))
}

fn signatures() -> Vec<Value> {
    groups(
        include_str!("../../testdata/wycheproof/json_web_signature_test.json"),
        401,
    )
}

/// The key of a group, private where the algorithm has no public one.
fn key_of(group: &Value) -> &Value {
    group
        .get("public")
        .or_else(|| group.get("private"))
        .expect("a key")
}

/// Labelled "invalid", though byte for byte the same as vector 357, which is labelled "valid".
const SAME_AS_A_VALID_ONE: [u64; 2] = [367, 370];
/// Labelled "valid", though with a `?` inside: for readers that skip letters outside the alphabet. Ours does not.
const NOT_BASE64URL: [u64; 2] = [372, 373];

#[test]
fn hs256_signatures_are_taken_and_refused_as_labelled() {
    let (mut n_taken, mut n_refused) = (0, 0);
    for group in signatures() {
        let key = key_of(&group);
        if key["kty"] != "oct" {
            continue;
        }
        let key = BASE64_URL_SAFE_NO_PAD
            .decode(text(key, "k"))
            .expect("a key");
        for test in tests(&group) {
            let id = test["tcId"].as_u64().expect("a number");
            let expected = match text(test, "result") {
                _ if SAME_AS_A_VALID_ONE.contains(&id) => true,
                _ if NOT_BASE64URL.contains(&id) => false,
                result => result == "valid",
            };
            let verified = verify(text(test, "jws"), &key);
            assert_eq!(verified.is_ok(), expected, "{verified:?}: {test}");
            if expected {
                n_taken += 1
            } else {
                n_refused += 1
            }
        }
    }
    assert_eq!((n_taken, n_refused), (10, 30));
}

#[test]
fn signatures_of_every_other_algorithm_are_refused_whatever_key_is_tried() {
    let mut n_refused = 0;
    for group in signatures() {
        let key = key_of(&group);
        if key["kty"] == "oct" {
            continue;
        }
        // An attacker signs with the public key, which everybody has, and hopes that it is taken for an HMAC key.
        let mut keys = vec![Vec::new(), key.to_string().into_bytes()];
        for part in ["n", "e", "x", "y"] {
            if let Some(part) = key[part].as_str() {
                keys.push(part.as_bytes().to_vec());
                keys.extend(BASE64_URL_SAFE_NO_PAD.decode(part));
            }
        }
        for test in tests(&group) {
            for key in &keys {
                assert!(verify(text(test, "jws"), key).is_err(), "{test}");
            }
            n_refused += 1;
        }
    }
    assert_eq!(n_refused, 361);
}
