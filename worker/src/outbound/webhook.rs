//! One signed request to a webhook's receiver. Source: Standard Webhooks.

use oriel_shared::egress::Target;
use oriel_shared::event::Actor;
use oriel_shared::id::{DeliveryId, UnixMs};
use oriel_shared::webhook::SigningSecret;
use worker::{Env, Method};

use super::{Call, Failure, call};

/// Sends `body` under `id` and tells the receiver's status.
///
/// # Errors
/// As [`call`].
pub async fn send(
    env: &Env,
    by: &Actor,
    target: &Target,
    secret: &SigningSecret,
    id: &DeliveryId,
    body: String,
    now: UnixMs,
) -> Result<u16, Failure> {
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", now.secs().to_string()),
        (
            "webhook-signature",
            secret.sign(id.as_str(), now.secs(), &body),
        ),
    ];
    let request = Call {
        by,
        method: Method::Post,
        target,
        headers,
        body: Some(body),
    };
    call(env, request).await
}
