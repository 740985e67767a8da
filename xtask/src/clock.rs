//! The clock of this machine. The ban in clippy.toml is for code that may run as wasm, which xtask never does.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

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

/// `4.2 s`, `3 min 07 s`.
pub fn spell(elapsed: Duration) -> String {
    if elapsed.as_secs() < 60 {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        format!(
            "{} min {:02} s",
            elapsed.as_secs() / 60,
            elapsed.as_secs() % 60
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_spelt_for_people() {
        assert_eq!(spell(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(spell(Duration::from_secs(187)), "3 min 07 s");
    }
}
