//! Connections: where the edge sends what, and the sealed secret with which it does.

use oriel_shared::id::{ConnectionId, OrgId, SiteId, UnixMs};
use oriel_shared::wire::admin::{Connection, ConnectionKind};
use oriel_shared::wire::webhook::EventKind;
use serde::Deserialize;

use super::{Db, int, maybe, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

/// Each one is told of every event, from the same batch that keeps the conversation.
pub const CONNECTIONS_MAX: u32 = 20;

/// A connection's row.
#[derive(Clone, Deserialize)]
pub struct ConnectionRow {
    /// The connection.
    pub id: ConnectionId,
    /// Held to this site.
    pub site_id: Option<SiteId>,
    /// What it is for.
    pub kind: ConnectionKind,
    /// Where requests go.
    pub url: String,
    /// Names of event kinds as a JSON list.
    pub events: String,
    /// Secret, sealed by the vault for the row named by `id`. A model may do without.
    pub sealed: Option<String>,
    /// Whether requests are sent.
    pub enabled: u8,
    /// When the last live check succeeded.
    pub verified_at: UnixMs,
    /// When it was made.
    pub created_at: UnixMs,
}

impl ConnectionRow {
    /// The kinds of events that it is told of.
    pub fn events(&self) -> Result<Vec<EventKind>, Problem> {
        Ok(serde_json::from_str(&self.events)?)
    }
}

impl TryFrom<ConnectionRow> for Connection {
    type Error = Problem;

    fn try_from(row: ConnectionRow) -> Result<Self, Problem> {
        Ok(Self {
            events: row.events()?,
            id: row.id,
            kind: row.kind,
            site_id: row.site_id,
            url: row.url,
            enabled: row.enabled == 1,
            verified_at: row.verified_at.rfc3339(),
            created_at: row.created_at.rfc3339(),
        })
    }
}

fn kind_name(kind: ConnectionKind) -> &'static str {
    match kind {
        ConnectionKind::Webhook => "webhook",
        ConnectionKind::Model => "model",
    }
}

/// Adds a connection unless the organisation has [`CONNECTIONS_MAX`]. Tells whether it was added.
pub async fn insert(db: &Db, org: &OrgId, row: &ConnectionRow) -> Result<bool, Problem> {
    let n_added = db
        .run(
            "INSERT INTO connections
               (id, org_id, site_id, kind, url, events, sealed, enabled, verified_at, created_at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
             WHERE (SELECT count(*) FROM connections WHERE org_id = ?2) < ?11",
            &[
                text(row.id.as_str()),
                text(org.as_str()),
                maybe(row.site_id.as_ref().map(SiteId::as_str)),
                text(kind_name(row.kind)),
                text(&row.url),
                text(&row.events),
                maybe(row.sealed.as_deref()),
                int(row.enabled.into()),
                int(row.verified_at.0),
                int(row.created_at.0),
                int(CONNECTIONS_MAX.into()),
            ],
        )
        .await?;
    Ok(n_added > 0)
}

/// Writes what may change of a connection, if it is still as it was read. Tells whether it was.
pub async fn replace(
    db: &Db,
    org: &OrgId,
    old: &ConnectionRow,
    row: &ConnectionRow,
) -> Result<bool, Problem> {
    let n_changed = db.run(
        "UPDATE connections SET url = ?3, events = ?4, sealed = ?5, enabled = ?6, verified_at = ?7
         WHERE org_id = ?1 AND id = ?2 AND url = ?8 AND events = ?9 AND sealed IS ?10 AND enabled = ?11",
        &[
            text(org.as_str()),
            text(row.id.as_str()),
            text(&row.url),
            text(&row.events),
            maybe(row.sealed.as_deref()),
            int(row.enabled.into()),
            int(row.verified_at.0),
            text(&old.url),
            text(&old.events),
            maybe(old.sealed.as_deref()),
            int(old.enabled.into()),
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
        "SELECT id, site_id, kind, url, events, sealed, enabled, verified_at, created_at
         FROM connections WHERE org_id = ?1 AND id = ?2 AND (?3 = '' OR site_id = ?3)",
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
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<ConnectionRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        "SELECT id, site_id, kind, url, events, sealed, enabled, verified_at, created_at
         FROM connections
         WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND (created_at, id) < (?3, ?4)
         ORDER BY created_at DESC, id DESC LIMIT ?5",
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
