//! What the clock calls for. Each job is safe to repeat and bounded, and what it does not get to is there the next time.

use oriel_shared::id::UnixMs;
use worker::Env;

use crate::http::problem::Problem;
use crate::objects::calls;
use crate::store::{Db, deliveries};
use crate::{clock, config};

mod reseal;

/// Every minute, as wrangler.toml has it: nobody waits longer for a courier that was not woken.
const EVERY_MINUTE: &str = "* * * * *";
/// Couriers of one run.
const COURIERS_MAX: u32 = 100;
/// Deliveries are kept this long after their last change, to be looked at and replayed. A retry comes long before; what is
/// still due by then waits for a connection that was disabled.
const KEPT_MS: u64 = 30 * 24 * 3_600_000;

/// Does what is due at this cron expression: couriers every minute, housekeeping otherwise (every hour).
pub async fn run(env: &Env, cron: &str) {
    let outcome = if cron == EVERY_MINUTE {
        wake_couriers(env).await
    } else {
        tidy(env).await
    };
    if let Err(problem) = outcome {
        let line =
            serde_json::json!({ "event": "job_failed", "cron": cron, "cause": problem.cause() });
        worker::console_error!("{line}");
    }
}

/// The safety net: a delivery whose courier was not woken, or forgot.
async fn wake_couriers(env: &Env) -> Result<(), Problem> {
    let overdue = deliveries::overdue(&Db::open(env)?, clock::now(), COURIERS_MAX).await?;
    for errand in &overdue {
        calls::wake_courier(env, errand).await?;
    }
    Ok(())
}

async fn tidy(env: &Env) -> Result<(), Problem> {
    let db = Db::open(env)?;
    let until = UnixMs(clock::now().0.saturating_sub(KEPT_MS));
    let n_forgotten = deliveries::forget(&db, until).await?;
    let n_resealed = reseal::run(&db, &config::vault(env)?).await?;
    let line = serde_json::json!({
        "event": "tidied", "deliveries_forgotten": n_forgotten, "secrets_resealed": n_resealed,
    });
    worker::console_log!("{line}");
    Ok(())
}
