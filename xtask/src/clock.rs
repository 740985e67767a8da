//! The clock of this machine. The ban in clippy.toml is for code that may run as wasm, which xtask never does.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A moment to measure from.
#[expect(clippy::disallowed_methods, reason = "xtask runs on this machine only")]
pub fn now() -> Instant {
    Instant::now()
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "xtask runs on this machine only")]
pub fn unix_ms() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis())
}
