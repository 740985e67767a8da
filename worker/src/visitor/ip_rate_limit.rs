//! The first ip_rate_limit: the platform's own rate limiter, asked before anything is read. It counts per location and
//! roughly, and so is set far above the exact limits in the objects; what it stops is a flood from one address.

use oriel_shared::rate::{Limited, Quota};

use crate::http::context::Context;
use crate::http::problem::Problem;

/// As wrangler.toml configures it; here for what the answer says.
const QUOTA: Quota = Quota::per_minute("ip_rate_limit", 1_200, 1_200);

/// Lets one call of an address, known by its hash, pass; each kind of call is counted by itself.
///
/// # Errors
/// 429 `rate_limited`; 503 `unavailable` when the limiter cannot decide: then nobody passes.
pub async fn pass(context: &Context, address: &str, kind: &str) -> Result<(), Problem> {
    let decided = match context.env.rate_limiter("IP_RATE_LIMIT") {
        Ok(ip_rate_limit) => ip_rate_limit.limit(format!("{kind}.{address}")).await,
        Err(error) => Err(error),
    };
    let outcome = decided.map_err(|error| Problem::unavailable("limiter", &error))?;
    if outcome.success {
        return Ok(());
    }
    // It does not say when: at the latest when its window is over.
    Err(Problem::limited(&Limited {
        quota: QUOTA,
        wait_us: u64::from(QUOTA.window_secs) * 1_000_000,
    }))
}
