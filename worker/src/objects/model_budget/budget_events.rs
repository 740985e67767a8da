//! Events of a budget that D1 does not have yet: connections are notified of them there.

use oriel_shared::id::{EventId, OrgId};
use oriel_shared::webhook::event_id;
use oriel_shared::wire::usage::BudgetState;
use oriel_shared::wire::webhook::{Event, EventData, EventKind};
use serde::Deserialize;
use worker::SqlStorage;

use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{rows, run};
use crate::store::deliveries::NewEvent;

/// The table of this part.
pub const TABLES: &str = "
    CREATE TABLE events (
        id TEXT PRIMARY KEY,
        org_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL
    ) WITHOUT ROWID;
";

/// An event, and whose it is.
#[derive(Deserialize)]
pub struct BudgetEvent {
    id: EventId,
    /// The organisation.
    pub org_id: OrgId,
    kind: EventKind,
    payload: String,
}

impl From<BudgetEvent> for NewEvent {
    fn from(event: BudgetEvent) -> Self {
        Self {
            id: event.id,
            kind: event.kind,
            payload: event.payload,
        }
    }
}

/// The events.
pub struct BudgetEvents {
    sql: SqlStorage,
}

impl BudgetEvents {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Adds one.
    pub fn add(&self, org: &OrgId, kind: EventKind, state: BudgetState) -> Result<(), Problem> {
        let id = event_id(org, &format!("budget/{}/{}", state.month, kind.name()));
        let event = Event {
            kind: kind.name().to_owned(),
            timestamp: clock::now().rfc3339(),
            data: EventData::Budget(state),
        };
        run(
            &self.sql,
            "INSERT INTO events (id, org_id, kind, payload) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            vec![
                id.0.into(),
                org.as_str().into(),
                kind.name().into(),
                serde_json::to_string(&event)?.into(),
            ],
        )
    }

    /// All of them.
    pub fn list(&self) -> Result<Vec<BudgetEvent>, Problem> {
        let query = "SELECT id, org_id, kind, payload FROM events";
        rows(&self.sql, query, vec![])
    }

    /// D1 has one.
    pub fn remove(&self, id: &EventId) -> Result<(), Problem> {
        let id = vec![id.0.as_str().into()];
        run(&self.sql, "DELETE FROM events WHERE id = ?", id)
    }
}
