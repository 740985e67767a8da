//! Counts as floating-point numbers.

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of words are far below 2^24"
)]
pub(super) fn count(n: usize) -> f32 {
    n as f32
}
