//! Connections: where the edge sends what, and the sealed secret with which it does.

use oriel_shared::id::{ConnectionId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Connection, ConnectionKind};
use oriel_shared::wire::webhook::EventKind;

use super::columns::{Row, flag, json, row};
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// Each connection gets a delivery of every event, in the transaction that writes the conversation's batch.
pub const CONNECTIONS_MAX: u32 = 20;

row! {
    /// A connection's row.
    pub struct ConnectionRow {
        /// The connection.
        pub id: ConnectionId,
        /// Held to this site.
        pub site_id: Option<SiteId>,
        /// What it is for.
        pub kind: ConnectionKind,
        /// Where requests go.
        pub url: String,
        /// The kinds of events that it is told of.
        #[serde(with = "json")]
        pub events: Vec<EventKind>,
        /// Secret, sealed by the vault for the row named by `id`. A model may do without.
        pub sealed: Option<String>,
        /// Whether requests are sent.
        #[serde(with = "flag")]
        pub enabled: bool,
        /// When the last live check succeeded.
        pub verified_at: UnixMs,
        /// When it was made.
        pub created_at: UnixMs,
    }
}

const COLUMNS: &str = ConnectionRow::COLUMNS;
const VALUES: &str = ConnectionRow::VALUES;

impl From<ConnectionRow> for Connection {
    fn from(row: ConnectionRow) -> Self {
        let ConnectionRow {
            id,
            site_id,
            kind,
            url,
            events,
            sealed: _,
            enabled,
            verified_at,
            created_at,
        } = row;
        Self {
            id,
            kind,
            site_id,
            url,
            events,
            enabled,
            verified_at: verified_at.rfc3339(),
            created_at: created_at.rfc3339(),
        }
    }
}

/// Adds a connection unless the organisation has [`CONNECTIONS_MAX`]. Returns whether it was added.
pub async fn insert(db: &Db, org: &OrgId, row: &ConnectionRow) -> Result<bool, Problem> {
    let n_added = db
        .run(
            &format!(
                "INSERT INTO connections (org_id, {COLUMNS}) SELECT ?1, {VALUES} FROM json_each(?2)
                 WHERE (SELECT count(*) FROM connections WHERE org_id = ?1) < ?3"
            ),
            &[
                text(org.as_str()),
                text(&serde_json::to_string(&[row])?),
                int(CONNECTIONS_MAX.into()),
            ],
        )
        .await?;
    Ok(n_added > 0)
}

/// Writes a connection anew, if it is still as it was read. Returns whether it was.
pub async fn replace(
    db: &Db,
    org: &OrgId,
    old: &ConnectionRow,
    row: &ConnectionRow,
) -> Result<bool, Problem> {
    let n_changed = db
        .run(
            &format!(
                "UPDATE connections SET ({COLUMNS}) = (SELECT {VALUES} FROM json_each(?3))
                 WHERE org_id = ?1 AND id = ?2 AND ({COLUMNS}) IS (SELECT {VALUES} FROM json_each(?4))"
            ),
            &[
                text(org.as_str()),
                text(row.id.as_str()),
                text(&serde_json::to_string(&[row])?),
                text(&serde_json::to_string(&[old])?),
            ],
        )
        .await?;
    Ok(n_changed > 0)
}

/// Ends the sending: the receiver said that it is gone.
pub async fn disable(db: &Db, org: &OrgId, id: &ConnectionId) -> Result<(), Problem> {
    db.run(
        "UPDATE connections SET enabled = 0 WHERE org_id = ?1 AND id = ?2",
        &[text(org.as_str()), text(id.as_str())],
    )
    .await
    .map(drop)
}

/// A connection of an organisation, or of the one site that the caller is held to.
pub async fn find(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    id: &str,
) -> Result<Option<ConnectionRow>, Problem> {
    db.first(
        &format!(
            "SELECT {COLUMNS} FROM connections WHERE org_id = ?1 AND id = ?2 AND (?3 = '' OR site_id = ?3)"
        ),
        &[
            text(org.as_str()),
            text(id),
            text(only.map_or("", SiteId::as_str)),
        ],
    )
    .await
}

/// A page of connections, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<ConnectionRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM connections
             WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND (created_at, id) < (?3, ?4)
             ORDER BY created_at DESC, id DESC LIMIT ?5"
        ),
        &[
            text(org.as_str()),
            text(only.map_or("", SiteId::as_str)),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}

/// Removes a connection and what was on its way to it.
pub async fn delete(db: &Db, org: &OrgId, id: &ConnectionId) -> Result<(), Problem> {
    let values = [text(org.as_str()), text(id.as_str())];
    db.batch(vec![
        db.statement(
            "DELETE FROM deliveries WHERE org_id = ?1 AND connection_id = ?2",
            &values,
        )?,
        db.statement(
            "DELETE FROM connections WHERE org_id = ?1 AND id = ?2",
            &values,
        )?,
    ])
    .await
}
