//! Rows that are kept for a while only, to be looked at.

use oriel_shared::id::UnixMs;
use worker::Env;

use super::runner::{Done, Outcome};
use crate::clock;
use crate::store::{Db, deliveries, imports};

/// Deliveries are kept this long after their last change, to be looked at and replayed. A retry comes long before; what
/// is still due by then waits for a connection that was disabled. Imports are kept as long after their end.
const KEPT_MS: u64 = 30 * 24 * 3_600_000;

/// Deletes old deliveries.
pub async fn deliveries(env: &Env) -> Outcome {
    deliveries::delete_older(&Db::open(env)?, until())
        .await
        .map(Done::all)
}

/// Deletes old imports.
pub async fn imports(env: &Env) -> Outcome {
    imports::delete_older(&Db::open(env)?, until())
        .await
        .map(Done::all)
}

fn until() -> UnixMs {
    UnixMs(clock::now().0.saturating_sub(KEPT_MS))
}
