//! The limit for each address, asked before anything is read: the platform's own rate limiter. It counts per location
//! and roughly, and so is set far above the exact limits in the objects; what it stops is a flood from one address.

use oriel_shared::rate::{Limited, Quota};

use crate::config;
use crate::http::context::Context;
use crate::http::problem::Problem;

/// As wrangler.toml configures it; here for what the answer says.
const QUOTA: Quota = Quota::per_minute("ip_rate_limit", 1_200, 1_200);

/// Lets one call from the request's address pass. Each kind of call is counted by itself.
///
/// # Errors
/// 429 `rate_limited`; 503 `unavailable` when the limiter cannot decide: then nobody passes.
pub async fn pass(context: &Context, kind: &str) -> Result<(), Problem> {
    let key = config::token_key(&context.env)?;
    let address = context.address_hash(&key);
    let decided = match context.env.rate_limiter("IP_RATE_LIMIT") {
        Ok(limiter) => limiter.limit(format!("{kind}.{address}")).await,
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
