//! Deliveries: events on their way to connections. They are made in the transaction that writes a conversation's batch,
//! and moved by the connection's webhook sender.

use oriel_shared::id::{ConnectionId, DeliveryId, EventId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Delivery, DeliveryStatus};
use oriel_shared::wire::webhook::EventKind;
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::columns::{Row, row};
use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// An event that connections may want to be told of.
#[derive(Serialize)]
pub struct NewEvent {
    /// Made of what happened, so that an event that arrives twice is one.
    pub id: EventId,
    /// Its kind.
    pub kind: EventKind,
    /// The request's body.
    pub payload: String,
}

row! {
    /// A delivery's row without its payload.
    pub struct DeliveryRow {
        /// The `webhook-id` of every attempt.
        pub id: DeliveryId,
        /// What happened.
        pub event_id: EventId,
        /// Its kind.
        pub event: EventKind,
        /// Where it stands.
        pub status: DeliveryStatus,
        /// Attempts since the last replay.
        pub attempts: u32,
        /// When the next one is due.
        pub next_at: Option<UnixMs>,
        /// What came of the last one.
        pub outcome: Option<String>,
        /// When it was made.
        pub created_at: UnixMs,
        /// When it last changed.
        pub updated_at: UnixMs,
    }
}

const COLUMNS: &str = DeliveryRow::COLUMNS;

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        let DeliveryRow {
            id,
            event_id,
            event,
            status,
            attempts,
            next_at,
            outcome,
            created_at,
            updated_at,
        } = row;
        Self {
            id,
            event_id,
            event,
            status,
            attempts,
            next_at: next_at.map(UnixMs::rfc3339),
            outcome,
            created_at: created_at.rfc3339(),
            updated_at: updated_at.rfc3339(),
        }
    }
}

/// A status as rows and query parameters write it.
pub fn status_name(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Due => "due",
        DeliveryStatus::Delivered => "delivered",
        DeliveryStatus::Parked => "parked",
    }
}

/// A connection's webhook sender, by its owner and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryJob {
    /// The tenant.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The connection.
    #[serde(rename = "connection_id")]
    pub connection: ConnectionId,
}

/// The statement that makes a delivery of each event for each connection that wants it. Its rows are the jobs of
/// deliveries that are new.
pub fn enqueue(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    events: &[NewEvent],
    now: UnixMs,
) -> Result<D1PreparedStatement, Problem> {
    db.statement(
        "INSERT INTO deliveries
           (id, org_id, connection_id, event_id, event, payload, status, attempts, next_at, created_at, updated_at)
         SELECT 'dlv_' || substr(c.id, 5) || substr(e.value ->> 'id', 5), c.org_id, c.id, e.value ->> 'id',
                e.value ->> 'kind', e.value ->> 'payload', 'due', 0, ?3, ?3, ?3
         -- In this order: mostly there is no connection, and then the events are not even read.
         FROM connections AS c CROSS JOIN json_each(?4) AS e
         WHERE c.org_id = ?1 AND (c.site_id IS NULL OR c.site_id = ?2) AND c.kind = 'webhook' AND c.enabled = 1
           AND EXISTS (SELECT 1 FROM json_each(c.events) AS wanted WHERE wanted.value = e.value ->> 'kind')
         ORDER BY e.key
         ON CONFLICT (connection_id, event_id) DO NOTHING
         RETURNING org_id, connection_id",
        &[
            text(org.as_str()),
            text(site.as_str()),
            int(now.0),
            text(&serde_json::to_string(events)?),
        ],
    )
}

/// A delivery whose time has come.
#[derive(Deserialize)]
pub struct DueDelivery {
    /// The `webhook-id`.
    pub id: DeliveryId,
    /// The request's body.
    pub payload: String,
    /// Attempts so far.
    pub attempts: u32,
}

/// The next delivery of a connection whose time has come, in the order in which they were made.
pub async fn due(db: &Db, job: &DeliveryJob, now: UnixMs) -> Result<Option<DueDelivery>, Problem> {
    db.first(
        "SELECT id, payload, attempts FROM deliveries
         WHERE org_id = ?1 AND connection_id = ?2 AND status = 'due' AND next_at <= ?3
         ORDER BY next_at, rowid LIMIT 1",
        &[
            text(job.org.as_str()),
            text(job.connection.as_str()),
            int(now.0),
        ],
    )
    .await
}

/// When the next delivery of a connection is due.
pub async fn next_due(db: &Db, job: &DeliveryJob) -> Result<Option<UnixMs>, Problem> {
    #[derive(Deserialize)]
    struct Next {
        at: Option<UnixMs>,
    }
    let next: Option<Next> = db
        .first(
            "SELECT min(next_at) AS at FROM deliveries
             WHERE org_id = ?1 AND connection_id = ?2 AND status = 'due'",
            &[text(job.org.as_str()), text(job.connection.as_str())],
        )
        .await?;
    Ok(next.and_then(|next| next.at))
}

/// What came of an attempt to deliver.
pub struct Attempt {
    /// Where the delivery stands now.
    pub status: DeliveryStatus,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next one is due; only while it is.
    pub next_at: Option<UnixMs>,
    /// In one word.
    pub outcome: String,
}

/// Writes down what came of an attempt.
pub async fn record(
    db: &Db,
    job: &DeliveryJob,
    id: &DeliveryId,
    attempt: &Attempt,
    now: UnixMs,
) -> Result<(), Problem> {
    db.run(
        "UPDATE deliveries SET status = ?4, attempts = ?5, next_at = ?6, outcome = ?7, updated_at = ?8
         WHERE org_id = ?1 AND connection_id = ?2 AND id = ?3",
        &[
            text(job.org.as_str()),
            text(job.connection.as_str()),
            text(id.as_str()),
            text(status_name(attempt.status)),
            int(attempt.attempts.into()),
            attempt
                .next_at
                .map_or(wasm_bindgen::JsValue::NULL, |at| int(at.0)),
            text(&attempt.outcome),
            int(now.0),
        ],
    )
    .await
    .map(drop)
}

/// Makes a delivery due now, from its first attempt. Returns its row, if there is one.
pub async fn replay(
    db: &Db,
    job: &DeliveryJob,
    id: &str,
    now: UnixMs,
) -> Result<Option<DeliveryRow>, Problem> {
    db.first(
        &format!(
            "UPDATE deliveries SET status = 'due', attempts = 0, next_at = ?4, updated_at = ?4
             WHERE org_id = ?1 AND connection_id = ?2 AND id = ?3
             RETURNING {COLUMNS}"
        ),
        &[
            text(job.org.as_str()),
            text(job.connection.as_str()),
            text(id),
            int(now.0),
        ],
    )
    .await
}

/// A page of a connection's deliveries, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    job: &DeliveryJob,
    status: Option<DeliveryStatus>,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<DeliveryRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM deliveries
             WHERE org_id = ?1 AND connection_id = ?2 AND (?3 IS NULL OR status = ?3) AND (created_at, id) < (?4, ?5)
             ORDER BY created_at DESC, id DESC LIMIT ?6"
        ),
        &[
            text(job.org.as_str()),
            text(job.connection.as_str()),
            maybe(status.map(status_name)),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}

/// Jobs with deliveries whose time has come, of every organisation: for the job that makes sure of them. They are taken
/// at random, so that a sender that cannot be woken is not in every other's way.
pub async fn overdue(db: &Db, now: UnixMs, limit: u32) -> Result<Vec<DeliveryJob>, Problem> {
    db.all(
        "SELECT org_id, connection_id FROM (
           SELECT DISTINCT d.org_id, d.connection_id FROM deliveries AS d
           JOIN connections AS c ON c.org_id = d.org_id AND c.id = d.connection_id AND c.enabled = 1
           WHERE d.status = 'due' AND d.next_at <= ?1 LIMIT 10000
         ) ORDER BY random() LIMIT ?2",
        &[int(now.0), int(limit.into())],
    )
    .await
}

/// Deletes what has not changed since `until`, because payloads hold what visitors said. Returns how many there were.
pub async fn delete_older(db: &Db, until: UnixMs) -> Result<usize, Problem> {
    db.run(
        "DELETE FROM deliveries WHERE updated_at < ?1",
        &[int(until.0)],
    )
    .await
}
