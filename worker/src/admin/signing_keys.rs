//! Keys with which a customer's backend signs visitor tokens. The secret is shown once.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use oriel_shared::id::SigningKeyId;
use oriel_shared::wire::admin::SigningKeyCreated;
use oriel_shared::wire::problem::Code;

use super::Call;
use crate::http::problem::Problem;
use crate::http::response::{HandlerResult, HttpReply};
use crate::store::signing_keys::{self, LIVE_MAX, SealedKey};
use crate::{clock, config};

/// Makes a key.
pub async fn create(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    let id = SigningKeyId::from_random(clock::random()?);
    // The secret is text, so that any JWT library takes it: the key is its UTF-8 bytes.
    let secret = BASE64_URL_SAFE_NO_PAD.encode(clock::random::<32>()?);
    let sealed = config::vault(call.env())?
        .seal(id.as_str(), secret.as_bytes(), clock::random()?)
        .map_err(|error| Problem::ours("vault", &error))?;
    let now = clock::now();
    let key = SealedKey { id, sealed };
    if !signing_keys::insert(call.db(), &owned.org, &owned.site.id, &key, now).await? {
        let detail = format!("{LIVE_MAX} signing keys are live already: revoke one first.");
        return Err(Problem::new(Code::TooManyKeys, detail));
    }
    call.context.set_made(key.id.as_str());
    HttpReply::created(&SigningKeyCreated {
        kid: key.id.0,
        secret,
        created_at: now.rfc3339(),
    })
}

/// Revokes a key.
pub async fn revoke(call: Call<'_>) -> HandlerResult {
    let owned = call.site().await?;
    if signing_keys::delete(call.db(), &owned.org, &owned.site.id, call.param("kid")).await? {
        Ok(HttpReply::empty())
    } else {
        Err(Problem::refused(Code::NotFound))
    }
}
