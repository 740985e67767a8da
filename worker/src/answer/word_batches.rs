//! Words of an answer on their way to the visitor's tabs: the first ones at once, the next ones in batches.

use std::time::Duration;

use oriel_shared::id::UnixMs;

use crate::clock;

/// Between two batches of words: slow enough for ten tabs, quick enough to look like speech.
const BATCH_MS: u64 = 70;

/// The words that wait.
pub struct WordBatches<'a> {
    show: &'a dyn Fn(String),
    words: String,
    flushed_at: Option<UnixMs>,
}

impl<'a> WordBatches<'a> {
    /// Shows batches with `show`.
    pub fn new(show: &'a dyn Fn(String)) -> Self {
        Self {
            show,
            words: String::new(),
            flushed_at: None,
        }
    }

    /// Whether any were shown.
    pub fn has_begun(&self) -> bool {
        self.flushed_at.is_some()
    }

    /// Takes more words; shows them when it is time.
    pub fn add(&mut self, words: &str) {
        self.words.push_str(words);
        if self.wait().is_some_and(|wait| wait.is_zero()) {
            self.flush();
        }
    }

    /// How long words have to wait, when there are any.
    pub fn wait(&self) -> Option<Duration> {
        if self.words.is_empty() {
            return None;
        }
        let due = self.flushed_at.unwrap_or_default().plus(BATCH_MS);
        let wait_ms = due.0.saturating_sub(clock::now().0);
        Some(Duration::from_millis(wait_ms))
    }

    /// Shows them now.
    pub fn flush(&mut self) {
        if self.words.is_empty() {
            return;
        }
        self.flushed_at = Some(clock::now());
        (self.show)(std::mem::take(&mut self.words));
    }
}
