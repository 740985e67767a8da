//! One signed request to a webhook's receiver. Source: Standard Webhooks.

use oriel_shared::egress::Target;
use oriel_shared::event::Actor;
use oriel_shared::id::{DeliveryId, UnixMs};
use oriel_shared::webhook::SigningSecret;
use worker::{Env, Method};

use super::{OutboundError, OutboundRequest};

/// What is sent to a receiver.
pub struct WebhookRequest<'r> {
    /// On whose behalf, for the log.
    pub by: &'r Actor,
    /// Where it goes.
    pub target: &'r Target,
    /// Signs it.
    pub secret: &'r SigningSecret,
    /// The `webhook-id` of every attempt.
    pub id: &'r DeliveryId,
    /// JSON.
    pub body: String,
    /// When it is sent: receivers refuse what is old.
    pub now: UnixMs,
}

/// Sends a request and returns the receiver's status.
///
/// # Errors
/// As [`super::send`].
pub async fn send(env: &Env, request: WebhookRequest<'_>) -> Result<u16, OutboundError> {
    let WebhookRequest {
        by,
        target,
        secret,
        id,
        body,
        now,
    } = request;
    let signature = secret.sign(id.as_str(), now.secs(), &body);
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_string()),
        ("webhook-timestamp", now.secs().to_string()),
        ("webhook-signature", signature),
    ];
    let request = OutboundRequest {
        by,
        method: Method::Post,
        target,
        headers,
        body: Some(body),
    };
    super::send(env, &request).await
}
