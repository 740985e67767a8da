//! Who is calling: an API key in the `Authorization` header.

use oriel_shared::wire::problem::Code;
use sha2::{Digest, Sha256};
use worker::Request;

use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::api_keys::{self, Scope};

/// Longer than any key of ours.
const KEY_MAX: usize = 128;

/// What the request's API key reaches.
///
/// # Errors
/// 401 `unauthorized` with the same words for no key, a garbled key and an unknown key.
pub async fn check(request: &Request, db: &Db) -> Result<Scope, Problem> {
    let refused = || {
        Problem::refused(Code::Unauthorized).with_header("www-authenticate", "Bearer".to_owned())
    };
    let header = request.headers().get("authorization")?.unwrap_or_default();
    let key = header
        .strip_prefix("Bearer ")
        .filter(|key| key.starts_with("ok_") && key.len() <= KEY_MAX)
        .ok_or_else(refused)?;
    let hash: String = Sha256::digest(key.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    api_keys::find(db, &hash).await?.ok_or_else(refused)
}
