//! The live call that a connection has to pass before it is saved: a signed ping for a webhook, the list of models for
//! a model.

use oriel_shared::egress::Target;
use oriel_shared::id::DeliveryId;
use oriel_shared::webhook::SigningSecret;
use oriel_shared::wire::admin::ConnectionKind;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::webhook::{Event, EventData};
use worker::Method;

use super::Call;
use crate::clock;
use crate::http::problem::Problem;
use crate::outbound::webhook::{self, WebhookRequest};
use crate::outbound::{self, OutboundError, OutboundRequest};
use crate::store::connections::ConnectionRow;

/// Calls a connection.
///
/// # Errors
/// 422 `egress_blocked` for an address that the edge does not call, 422 `connection_unverified` for another answer than
/// 200 to 299.
pub(super) async fn pass(
    call: &Call<'_>,
    row: &ConnectionRow,
    target: &Target,
    secret: Option<&str>,
) -> Result<(), Problem> {
    let answered = match row.kind {
        ConnectionKind::Webhook => {
            let secret = SigningSecret::parse(secret.unwrap_or_default())
                .map_err(|error| Problem::ours("vault", &error))?;
            let now = clock::now();
            let event = Event {
                kind: "ping".to_owned(),
                timestamp: now.rfc3339(),
                data: EventData::Ping {
                    connection: row.id.clone(),
                },
            };
            let ping = WebhookRequest {
                by: &call.actor(),
                target,
                secret: &secret,
                id: &DeliveryId::from_random(clock::random()?),
                body: serde_json::to_string(&event)?,
                now,
            };
            webhook::send(call.env(), ping).await
        }
        ConnectionKind::Model => list_models(call, target, secret).await,
    };
    let why = match answered {
        Ok(200..=299) => return Ok(()),
        Ok(status) => format!("answered with status {status}"),
        Err(error @ OutboundError::Blocked(_)) => return Err(blocked(&error)),
        Err(error) => error.to_string(),
    };
    let detail = format!("`url` {why}; the live check wants 200 to 299.");
    Err(Problem::new(Code::ConnectionUnverified, detail))
}

/// The refusal of an address that the edge does not call.
pub(super) fn blocked(error: &OutboundError) -> Problem {
    Problem::new(Code::EgressBlocked, format!("`url` {error}."))
}

async fn list_models(
    call: &Call<'_>,
    target: &Target,
    secret: Option<&str>,
) -> Result<u16, OutboundError> {
    let authorization = secret.map(|secret| ("authorization", format!("Bearer {secret}")));
    let request = OutboundRequest {
        by: &call.actor(),
        method: Method::Get,
        target: &target.below("models"),
        headers: authorization.into_iter().collect(),
        body: None,
    };
    outbound::send(call.env(), &request).await
}
