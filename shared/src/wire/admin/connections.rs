//! Receivers of what happens, models, and what was sent to them.

use serde::{Deserialize, Serialize};

use crate::event::Action;
use crate::id::{ConnectionId, DeliveryId, EventId, Rfc3339, SiteId};
use crate::wire::api::declaration::{delete, get, optional, patch, post};
use crate::wire::problem::Code::{
    ConnectionUnverified, EgressBlocked, InvalidField, TooManyConnections,
};
use crate::wire::webhook::EventKind;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// Is told what happens, by signed requests.
    Webhook,
    /// An OpenAI-compatible API.
    Model,
}

/// `POST /v1/admin/connections`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionCreate {
    /// What it is for.
    pub kind: ConnectionKind,
    /// Held to this site; absent for all sites of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Where requests go, `https`, at most 2,000 characters.
    pub url: String,
    /// For webhooks: names of what the receiver is told. Absent means everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// For webhooks `whsec_` and base64, made here when absent; for models the API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// `PATCH /v1/admin/connections/{id}`: fields that are absent keep their value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionChange {
    /// Where requests go. A model that has a secret needs it again with another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// For webhooks: names of what the receiver is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Replaces the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Whether requests are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A connection as the management API shows it. Its secret has no way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Connection {
    /// For the management API.
    pub id: ConnectionId,
    /// What it is for.
    pub kind: ConnectionKind,
    /// Held to this site; absent for all sites of the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Where requests go.
    pub url: String,
    /// For webhooks: what the receiver is told. Empty for models.
    pub events: Vec<EventKind>,
    /// Whether requests are sent. A receiver that answers 410 ends them.
    pub enabled: bool,
    /// When the last live check succeeded.
    pub verified_at: Rfc3339,
    /// When it was made.
    pub created_at: Rfc3339,
}

/// Answer to `POST /v1/admin/connections`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct ConnectionCreated {
    /// The connection.
    #[serde(flatten)]
    pub connection: Connection,
    /// The secret that was made here, shown this once. Absent when the caller brought one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Waits for its first or next attempt.
    Due,
    /// The receiver took it.
    Delivered,
    /// Every attempt failed; it can be replayed.
    Parked,
}

/// One event on its way to one connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// The `webhook-id` of every attempt.
    pub id: DeliveryId,
    /// What happened. The same for every connection that is told.
    pub event_id: EventId,
    /// Its kind.
    pub event: EventKind,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Attempts so far, since the last replay.
    pub attempts: u32,
    /// When the next attempt is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Rfc3339>,
    /// What came of the last attempt: `answered_500`, `timeout`, `special_address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// When it was made.
    pub created_at: Rfc3339,
    /// When it last changed.
    pub updated_at: Rfc3339,
}

endpoints!(
    connections,
    admin::connections::create(Team) = post("/v1/admin/connections", "create_connection")
        .summary(
            "Makes a connection, once a live call to it went well. A secret that is made here is shown this once.",
        )
        .audits(Action("connection.create"))
        .body::<ConnectionCreate>()
        .replies::<ConnectionCreated>(201)
        .problems(&[InvalidField, EgressBlocked, ConnectionUnverified, TooManyConnections]),
    admin::connections::list(Team) = get("/v1/admin/connections", "list_connections")
        .summary("The connections, in pages.")
        .replies_page_of::<Connection>(),
    admin::connections::show(Team) = get("/v1/admin/connections/{connection}", "show_connection")
        .summary("A connection, without its secret.")
        .replies::<Connection>(200),
    admin::connections::change(Team) = patch("/v1/admin/connections/{connection}", "change_connection")
        .summary("Changes the fields that are named; another address or secret is verified first.")
        .audits(Action("connection.change"))
        .body::<ConnectionChange>()
        .replies::<Connection>(200)
        .problems(&[InvalidField, EgressBlocked, ConnectionUnverified]),
    admin::connections::delete(Team) = delete("/v1/admin/connections/{connection}", "delete_connection")
        .summary("Forgets a connection and its deliveries.")
        .audits(Action("connection.delete"))
        .replies_nothing(),
    admin::deliveries::list(Team) = get("/v1/admin/connections/{connection}/deliveries", "list_deliveries")
        .summary("What was or is to be sent to a receiver, in pages.")
        .query(&[optional("status")])
        .replies_page_of::<Delivery>(),
    admin::deliveries::replay(Team) = post(
        "/v1/admin/connections/{connection}/deliveries/{delivery}/replay",
        "replay_delivery",
    )
        .summary("Sends a delivery once more, under the same id.")
        .audits(Action("delivery.replay"))
        .replies::<Delivery>(200),
);
