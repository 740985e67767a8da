//! Visitor tokens as a customer's backend makes them, and as a forger would.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use oriel_shared::wire::admin::SigningKeyCreated;
use oriel_shared::wire::visitor::TicketReply;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::Client;
use crate::visitor::{ORIGIN, Visitor, ask_with_token};
use crate::wait::unix_secs;

/// Somebody whom a site vouches for, on a page on [`ORIGIN`].
#[track_caller]
pub fn visitor(client: &Client, site_key: &str, key: &SigningKeyCreated, subject: &str) -> Visitor {
    let token = token(&key.kid, &key.secret, &claims(site_key, subject));
    let ticket = ask_with_token(client, site_key, ORIGIN, &token).expect(201);
    Visitor::with_ticket(client, &ticket.json::<TicketReply>().ticket)
}

/// Claims that the edge accepts for this site: a visitor called `subject`, for a minute.
pub fn claims(site_key: &str, subject: &str) -> Value {
    let now = unix_secs();
    json!({ "aud": site_key, "sub": subject, "iat": now, "exp": now + 60 })
}

/// A JWT, HS256, whatever the claims say. Source: RFC 7515, RFC 7519.
pub fn token(kid: &str, secret: &str, claims: &Value) -> String {
    token_with_header(
        &json!({ "alg": "HS256", "typ": "JWT", "kid": kid }),
        secret,
        claims,
    )
}

/// A JWT with a header of the caller's choice; it is signed with HMAC-SHA256 even when the header names another way.
///
/// # Panics
/// Never: HMAC takes keys of every length.
pub fn token_with_header(header: &Value, secret: &str, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of every length");
    mac.update(signed.as_bytes());
    format!(
        "{signed}.{}",
        BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    )
}

/// Header and claims without a signature.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}
