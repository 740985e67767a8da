//! Moves sealed values under the vault's current key, so that a key before it can be thrown away.
//!
//! Keeps true: a value is replaced only while it is still the one that was opened, so a secret that is changed
//! meanwhile stays changed. A value that does not open is left as it is and logged; it holds up no other.

use oriel_shared::vault::Vault;
use worker::Env;

use super::runner::{Outcome, each};
use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::sealed::{self, Resealed, TABLES, Table};
use crate::{clock, config};

/// Values of one run and table; well within what one statement takes.
const BATCH: u32 = 500;

/// Moves up to [`BATCH`] values of each table and counts them.
pub async fn run(env: &Env) -> Outcome {
    let (db, vault) = (Db::open(env)?, config::vault(env)?);
    Ok(each(&TABLES, async |table| reseal(&db, &vault, table).await).await)
}

async fn reseal(db: &Db, vault: &Vault, table: &Table) -> Result<usize, Problem> {
    let mut resealed = Vec::new();
    for row in sealed::under_other_keys(db, table, &vault.current_prefix(), BATCH).await? {
        let Ok(value) = vault.open(&row.id, &row.sealed) else {
            let line = serde_json::json!({ "event": "unreadable_secret", "row": row.id });
            worker::console_error!("{line}");
            continue;
        };
        let new = vault
            .seal(&row.id, &value, clock::random()?)
            .map_err(|error| Problem::ours("vault", &error))?;
        resealed.push(Resealed {
            id: row.id,
            old: row.sealed,
            new,
        });
    }
    if resealed.is_empty() {
        return Ok(0);
    }
    sealed::replace(db, table, &resealed).await
}
