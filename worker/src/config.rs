//! What the worker needs from its environment, checked when it is read.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use oriel_shared::token::session::TokenKey;
use oriel_shared::vault::Vault;
use worker::Env;

use crate::http::problem::Problem;

/// The key of our own tokens, from the secret `TOKEN_KEY`.
///
/// # Errors
/// A [`Problem`] of ours that names the secret when it is missing or not 32 bytes of base64.
pub fn token_key(env: &Env) -> Result<TokenKey, Problem> {
    secret_bytes(env, "TOKEN_KEY").map(TokenKey::new)
}

/// The vault of confidential values, under the secret `VAULT_KEY`.
///
/// # Errors
/// As [`token_key`].
pub fn vault(env: &Env) -> Result<Vault, Problem> {
    secret_bytes(env, "VAULT_KEY").map(|key| Vault::new(&key, &[]))
}

fn secret_bytes(env: &Env, name: &'static str) -> Result<[u8; 32], Problem> {
    let missing = |what: &str| Problem::ours("configuration", &format!("the secret {name} {what}"));
    let text = env
        .secret(name)
        .map_err(|_| missing("is not set"))?
        .to_string();
    let bytes = BASE64_STANDARD
        .decode(text.trim())
        .map_err(|_| missing("is not base64"))?;
    bytes
        .try_into()
        .map_err(|_| missing("does not hold 32 bytes"))
}
