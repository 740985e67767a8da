//! A visitor token, in Rust, with the crates `hmac` and `sha2`, `base64` and `serde_json`.
//! Runs as: cargo run --package oriel-tests --example visitor_token

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::Sha256;

struct User {
    id: &'static str,
    name: &'static str,
    email: &'static str,
}

/// A token for a visitor who is logged in; the id never changes.
fn visitor_token(user: &User) -> Result<String, Box<dyn std::error::Error>> {
    // The clock is banned for what compiles to wasm; this does not.
    #[allow(clippy::disallowed_methods)]
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": env::var("ORIEL_SIGNING_KID")? });
    let claims = json!({
        "aud": env::var("ORIEL_SITE_KEY")?, "sub": user.id, "name": user.name, "email": user.email,
        "iat": now, "exp": now + 300,
    });
    let [header, claims] =
        [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    let signed = format!("{header}.{claims}");
    let mut mac = Hmac::<Sha256>::new_from_slice(env::var("ORIEL_SIGNING_SECRET")?.as_bytes())
        .expect("HMAC takes keys of every length");
    mac.update(signed.as_bytes());
    Ok(format!(
        "{signed}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    ))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let user = User {
        id: "user-42",
        name: "Ann Miller",
        email: "ann@example.com",
    };
    println!("{}", visitor_token(&user)?);
    Ok(())
}
