//! The site's settings as they are stored with the conversation: columns of its row.

use serde::Deserialize;
use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{rows, run};
use crate::store::sites::OwnedSite;

/// The stored settings.
pub struct StoredSite {
    sql: SqlStorage,
}

impl StoredSite {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// The site's public key; `None` when nobody ever opened a session here.
    pub fn key(&self) -> Result<Option<String>, Problem> {
        #[derive(Deserialize)]
        struct KeyRow {
            site_key: String,
        }
        let found: Vec<KeyRow> = rows(&self.sql, "SELECT site_key FROM conversation", vec![])?;
        Ok(found.into_iter().next().map(|row| row.site_key))
    }

    /// The settings. `None` also for what a later release stored in a shape of its own.
    pub fn read(&self) -> Result<Option<OwnedSite>, Problem> {
        #[derive(Deserialize)]
        struct SiteRow {
            site: String,
        }
        let found: Vec<SiteRow> = rows(&self.sql, "SELECT site FROM conversation", vec![])?;
        let json = found.first();
        Ok(json.and_then(|row| serde_json::from_str(&row.site).ok()))
    }

    /// Stores them.
    pub fn write(&self, owned: &OwnedSite) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE conversation SET site = ?",
            vec![serde_json::to_string(owned)?.into()],
        )
    }
}
