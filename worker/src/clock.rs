//! Time and randomness, read here and passed to the rules as arguments.

use oriel_shared::id::UnixMs;
use worker::Date;

use crate::http::problem::Problem;

/// Now. The runtime's clock stands still between I/O.
pub fn now() -> UnixMs {
    UnixMs(Date::now().as_millis())
}

/// Random bytes from the runtime's generator.
///
/// # Errors
/// A [`Problem`] of ours when the generator fails.
pub fn random<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Problem::ours("random bytes", &error))?;
    Ok(bytes)
}
