//! The site's settings as they are stored with the conversation: columns of its row.

use worker::SqlStorage;

use crate::http::problem::Problem;
use crate::objects::sql::{column, run};
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
        let keys = column(&self.sql, "SELECT site_key FROM conversation", vec![])?;
        Ok(keys.into_iter().next())
    }

    /// The settings. `None` also for what a later release stored in a shape of its own.
    pub fn read(&self) -> Result<Option<OwnedSite>, Problem> {
        let sites: Vec<String> = column(&self.sql, "SELECT site FROM conversation", vec![])?;
        Ok(sites
            .first()
            .and_then(|json| serde_json::from_str(json).ok()))
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
