//! The audit trail of an organisation that is gone: a last line records its end, and after a while the trail is
//! deleted.

use oriel_shared::event::Action;
use oriel_shared::id::{AuditId, OrgId, UnixMs};
use worker::Env;

use super::runner::{Done, Outcome, each};
use crate::store::Db;
use crate::store::audit::{self, DoneBy, NewAuditLine};
use crate::{clock, config};

/// Lines of one run.
const BATCH: u32 = 10_000;
const DAY_MS: u64 = 24 * 3_600_000;

/// Writes a line for each organisation that is gone, and counts them.
pub async fn record_ends(env: &Env) -> Outcome {
    let db = Db::open(env)?;
    let write = async |org: OrgId| {
        let line = NewAuditLine {
            id: AuditId::from_random(clock::random()?),
            org: &org,
            site: None,
            at: clock::now(),
            by: &DoneBy::Edge,
            action: Action::ORGANISATION_END,
            target: Some(org.as_str()),
            n: None,
        };
        audit::write(&db, &line).await.map(|()| 1)
    };
    Ok(each(audit::unrecorded_ends(&db).await?, write).await)
}

/// Deletes the trails of organisations that have been gone for as many days as the operator keeps them, and counts
/// lines.
pub async fn delete_ended(env: &Env) -> Outcome {
    let kept_ms = config::audit_days(env)? * DAY_MS;
    let until = UnixMs(clock::now().0.saturating_sub(kept_ms));
    audit::delete_ended(&Db::open(env)?, until, BATCH)
        .await
        .map(Done::all)
}
