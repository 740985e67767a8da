//! The safety net of what works in the background: a delivery whose webhook sender was not woken, or forgot; an import
//! whose importer did.

use oriel_shared::id::UnixMs;
use worker::Env;

use super::runner::{Outcome, each};
use crate::store::{Db, deliveries, imports};
use crate::{calls, clock};

/// Webhook senders of one run.
const WEBHOOK_SENDERS_MAX: u32 = 100;
/// Importers of one run.
const IMPORTERS_MAX: u32 = 100;
/// An import that has not come forward for so long was not woken: two pages take no more than their time-out.
const STALLED_MS: u64 = 60_000;

/// Wakes the webhook senders of deliveries that are overdue.
pub async fn webhook_senders(env: &Env) -> Outcome {
    let overdue = deliveries::overdue(&Db::open(env)?, clock::now(), WEBHOOK_SENDERS_MAX).await?;
    let wake = async |job| calls::wake_webhook_sender(env, &job).await.map(|()| 1);
    Ok(each(overdue, wake).await)
}

/// Wakes the importers of imports that stand still.
pub async fn importers(env: &Env) -> Outcome {
    let until = UnixMs(clock::now().0.saturating_sub(STALLED_MS));
    let stalled = imports::stalled(&Db::open(env)?, until, IMPORTERS_MAX).await?;
    let wake = async |job| calls::wake_importer(env, &job).await.map(|()| 1);
    Ok(each(stalled, wake).await)
}
