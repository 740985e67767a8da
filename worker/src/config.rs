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

/// The vault of confidential values: sealed under the secret `VAULT_KEY`; values under a key of `VAULT_KEY_PREVIOUS`
/// (one or several, with commas) still open.
///
/// # Errors
/// As [`token_key`].
pub fn vault(env: &Env) -> Result<Vault, Problem> {
    let current = secret_bytes(env, "VAULT_KEY")?;
    const PREVIOUS: &str = "VAULT_KEY_PREVIOUS";
    let previous = match env.secret(PREVIOUS) {
        Err(_) => Vec::new(),
        Ok(text) => text
            .to_string()
            .split(',')
            .filter(|key| !key.trim().is_empty())
            .map(|key| key_bytes(PREVIOUS, key))
            .collect::<Result<_, _>>()?,
    };
    Ok(Vault::new(&current, &previous))
}

/// The operator's DNS resolver over HTTPS, from the variable `DOH_URL`.
///
/// # Errors
/// A [`Problem`] of ours when it is missing.
pub fn resolver(env: &Env) -> Result<String, Problem> {
    match env.var("DOH_URL") {
        Ok(url) => Ok(url.to_string()),
        Err(_) => Err(Problem::ours(
            "configuration",
            &"the variable DOH_URL is not set",
        )),
    }
}

/// Days that the audit trail of an organisation outlives it, from the variable `AUDIT_DAYS`; 90 without one.
///
/// # Errors
/// A [`Problem`] of ours when it is not a number of days.
pub fn audit_days(env: &Env) -> Result<u64, Problem> {
    const DAYS: u64 = 90;
    const DAYS_MAX: u64 = 36_500;
    let Ok(days) = env.var("AUDIT_DAYS") else {
        return Ok(DAYS);
    };
    let days = days.to_string().parse().ok();
    days.filter(|days| *days <= DAYS_MAX).ok_or_else(|| {
        Problem::ours(
            "configuration",
            &format!("the variable AUDIT_DAYS must be a number of days from 0 to {DAYS_MAX}"),
        )
    })
}

fn secret_bytes(env: &Env, name: &'static str) -> Result<[u8; 32], Problem> {
    match env.secret(name) {
        Ok(text) => key_bytes(name, &text.to_string()),
        Err(_) => Err(unusable(name, "is not set")),
    }
}

fn key_bytes(name: &'static str, text: &str) -> Result<[u8; 32], Problem> {
    BASE64_STANDARD
        .decode(text.trim())
        .map_err(|_| unusable(name, "is not base64"))?
        .try_into()
        .map_err(|_| unusable(name, "does not hold 32 bytes"))
}

fn unusable(name: &'static str, what: &str) -> Problem {
    Problem::ours("configuration", &format!("the secret {name} {what}"))
}
