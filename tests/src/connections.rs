//! Connections as a team makes them, and what their receivers check.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use oriel_shared::wire::admin::{ConnectionCreated, Site};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::client::Response;
use crate::fake_internet::{ReceivedRequest, Reply};
use crate::online_edge::OnlineEdge;
use crate::team::Team;
use crate::wait::unix_secs;

/// Asks for a connection.
#[track_caller]
pub fn connect(team: &Team, body: &Value) -> Response {
    team.call("POST", "/connections").json(body).send()
}

/// A saved webhook at a host that answers 204, and its secret.
#[track_caller]
pub fn webhook(online: &OnlineEdge, host: &str) -> ConnectionCreated {
    webhook_for(online, &online.team(), host)
}

/// A saved webhook of another team, at a host that answers 204.
#[track_caller]
pub fn webhook_for(online: &OnlineEdge, team: &Team, host: &str) -> ConnectionCreated {
    online.internet.host(host, |_| Reply::status(204));
    let body = json!({ "kind": "webhook", "url": format!("https://{host}/hook") });
    connect(team, &body).expect(201).json()
}

/// A saved webhook that is held to one site: chats of other tests do not reach it.
#[track_caller]
pub fn webhook_of(online: &OnlineEdge, site: &Site, host: &str) -> ConnectionCreated {
    online.internet.host(host, |_| Reply::status(204));
    let body =
        json!({ "kind": "webhook", "url": format!("https://{host}/hook"), "site_id": site.id });
    connect(&online.team(), &body).expect(201).json()
}

/// Holds a request to Standard Webhooks, with code of the tests alone.
///
/// # Panics
/// When it is not signed with this secret, just now.
#[track_caller]
pub fn assert_signed(seen: &ReceivedRequest, secret: &str) {
    let key = BASE64_STANDARD
        .decode(secret.strip_prefix("whsec_").expect("the prefix"))
        .expect("base64");
    let (id, timestamp) = (seen.header("webhook-id"), seen.header("webhook-timestamp"));
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
    mac.update(format!("{id}.{timestamp}.{}", seen.body).as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(seen.header("webhook-signature"), format!("v1,{signature}"));
    let age = unix_secs().abs_diff(timestamp.parse().expect("seconds"));
    assert!(age < 60, "{age} seconds");
}

/// What the edge chose to send: without what HTTP needs, and without the header by which the platform marks every request
/// of a worker.
pub fn own_headers(seen: &ReceivedRequest) -> Vec<&str> {
    let needed = ["cf-worker", "content-length", "host"];
    let names = seen.header_names().into_iter();
    names.filter(|name| !needed.contains(name)).collect()
}
