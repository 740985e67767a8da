//! What the clock calls for. Each job is safe to repeat and bounded, and what it does not get to is there the next time.

use oriel_shared::id::UnixMs;
use worker::Env;

use crate::calls;
use crate::http::problem::Problem;
use crate::store::{Db, deliveries, imports};
use crate::{clock, config};

mod audit;
mod recut;
mod reseal;
mod retention;

/// Every minute, as wrangler.toml has it: nobody waits longer for a webhook sender that was not woken.
const EVERY_MINUTE: &str = "* * * * *";
/// Webhook senders of one run.
const WEBHOOK_SENDERS_MAX: u32 = 100;
/// Importers of one run.
const IMPORTERS_MAX: u32 = 100;
/// An import that has not come forward for so long was not woken: two pages take no more than their time-out.
const STALLED_MS: u64 = 60_000;
/// Deliveries are kept this long after their last change, to be looked at and replayed. A retry comes long before; what is
/// still due by then waits for a connection that was disabled. Imports are kept as long after their end.
const KEPT_MS: u64 = 30 * 24 * 3_600_000;

/// Does what is due at this cron expression: webhook senders and importers every minute, housekeeping otherwise (every hour).
/// What an upgrade left to do is due at both.
pub async fn run(env: &Env, cron: &str) {
    let outcome = if cron == EVERY_MINUTE {
        wake(env).await
    } else {
        tidy(env).await
    };
    for outcome in [outcome, catch_up(env).await] {
        if let Err(problem) = outcome {
            let line = serde_json::json!({ "event": "job_failed", "cron": cron, "cause": problem.cause() });
            worker::console_error!("{line}");
        }
    }
}

async fn catch_up(env: &Env) -> Result<(), Problem> {
    let n_recut = recut::run(env).await?;
    if n_recut > 0 {
        worker::console_log!(
            "{}",
            serde_json::json!({ "event": "documents_recut", "documents": n_recut })
        );
    }
    Ok(())
}

/// The safety net: a delivery whose webhook sender was not woken, or forgot; an import whose importer did.
async fn wake(env: &Env) -> Result<(), Problem> {
    let (db, now) = (Db::open(env)?, clock::now());
    for job in &deliveries::overdue(&db, now, WEBHOOK_SENDERS_MAX).await? {
        calls::wake_webhook_sender(env, job).await?;
    }
    let until = UnixMs(now.0.saturating_sub(STALLED_MS));
    for job in &imports::stalled(&db, until, IMPORTERS_MAX).await? {
        calls::wake_importer(env, job).await?;
    }
    Ok(())
}

async fn tidy(env: &Env) -> Result<(), Problem> {
    let db = Db::open(env)?;
    let until = UnixMs(clock::now().0.saturating_sub(KEPT_MS));
    let n_forgotten = deliveries::forget(&db, until).await?;
    let n_imports = imports::forget(&db, until).await?;
    let n_expired = retention::run(env, &db).await?;
    let n_lines_forgotten = audit::run(&db, config::audit_days(env)?).await?;
    let n_resealed = reseal::run(&db, &config::vault(env)?).await?;
    let line = serde_json::json!({
        "event": "tidied", "deliveries_forgotten": n_forgotten, "imports_forgotten": n_imports,
        "secrets_resealed": n_resealed,
        "conversations_expired": n_expired, "audit_lines_forgotten": n_lines_forgotten,
    });
    worker::console_log!("{line}");
    Ok(())
}
