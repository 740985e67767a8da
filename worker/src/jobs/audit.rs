//! The audit trail of an organisation that is gone: its end is told, and after a while the trail follows.

use oriel_shared::event::Action;
use oriel_shared::id::{AuditId, UnixMs};

use crate::clock;
use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::audit::{self, By, NewLine};

/// Lines of one run.
const BATCH: u32 = 10_000;
const DAY_MS: u64 = 24 * 3_600_000;

/// Tells who is gone, and forgets whose time is over. Tells how many lines were forgotten.
pub async fn run(db: &Db, days: u64) -> Result<usize, Problem> {
    let now = clock::now();
    for org in audit::ended(db).await? {
        let line = NewLine {
            id: AuditId::from_random(clock::random()?),
            org: &org,
            site: None,
            at: now,
            by: &By::Edge,
            action: Action::OrganisationEnd,
            target: Some(org.as_str()),
            n: None,
        };
        audit::write(db, &line).await?;
    }
    let until = UnixMs(now.0.saturating_sub(days * DAY_MS));
    audit::forget(db, until, BATCH).await
}
