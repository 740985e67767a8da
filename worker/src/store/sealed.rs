//! Sealed values wherever they are kept, for the job that moves them under the vault's current key. It serves every
//! organisation and shows no value to anybody.

use serde::{Deserialize, Serialize};

use super::{Db, int, text};
use crate::http::problem::Problem;

/// A table with a column `sealed` whose values are bound to their row's `id`.
pub struct Table {
    select: &'static str,
    update: &'static str,
}

/// All of them. Rows are taken at random, so that some that do not open cannot stand before the others for ever.
pub const TABLES: [Table; 2] = [
    Table {
        select: "SELECT id, sealed FROM signing_keys
                 WHERE substr(sealed, 1, length(?1)) <> ?1 ORDER BY random() LIMIT ?2",
        update: "UPDATE signing_keys
                 SET sealed = (SELECT value ->> 'new' FROM json_each(?1) WHERE value ->> 'id' = signing_keys.id)
                 WHERE (id, sealed) IN (SELECT value ->> 'id', value ->> 'old' FROM json_each(?1))",
    },
    Table {
        select: "SELECT id, sealed FROM connections
                 WHERE substr(sealed, 1, length(?1)) <> ?1 ORDER BY random() LIMIT ?2",
        update: "UPDATE connections
                 SET sealed = (SELECT value ->> 'new' FROM json_each(?1) WHERE value ->> 'id' = connections.id)
                 WHERE (id, sealed) IN (SELECT value ->> 'id', value ->> 'old' FROM json_each(?1))",
    },
];

/// A value and the row that it is bound to.
#[derive(Deserialize)]
pub struct Sealed {
    /// The row.
    pub id: String,
    /// The value.
    pub sealed: String,
}

/// A value and what replaces it.
#[derive(Serialize)]
pub struct Resealed {
    /// The row.
    pub id: String,
    /// The sealed value as it was read.
    pub old: String,
    /// Sealed under the current key.
    pub new: String,
}

/// Values that do not begin with `prefix`, which names the current key.
pub async fn under_other_keys(
    db: &Db,
    table: &Table,
    prefix: &str,
    limit: u32,
) -> Result<Vec<Sealed>, Problem> {
    db.all(table.select, &[text(prefix), int(limit.into())])
        .await
}

/// Replaces each value that is still the one that was read. Returns how many were replaced.
pub async fn replace(db: &Db, table: &Table, resealed: &[Resealed]) -> Result<usize, Problem> {
    let values = [text(&serde_json::to_string(resealed)?)];
    db.run(table.update, &values).await
}
