//! Tells what is being done: a spinner with the time and the last line in a terminal, plain lines elsewhere.
//!
//! Everything goes to standard error: standard output is for results.

use std::cell::Cell;
use std::io::IsTerminal;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::clock;

/// How often a long step says that it is still there when there is no terminal.
const STILL_THERE: Duration = Duration::from_secs(30);

/// The spinners of all steps that are under way; some run beside each other.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Something under way. Say [`Step::done`] at the end; a step that is dropped without it has failed.
pub struct Step {
    title: String,
    began: Instant,
    bar: Option<ProgressBar>,
    spoke: Cell<Duration>,
    finished: bool,
}

/// Begins a step.
pub fn step(title: impl Into<String>) -> Step {
    let title = title.into();
    let bar = std::io::stderr().is_terminal().then(|| {
        let bar = BARS.add(ProgressBar::new_spinner());
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {prefix} ({elapsed}) {wide_msg:.dim}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(title.clone());
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    });
    if bar.is_none() {
        eprintln!("… {title}");
    }
    Step {
        title,
        began: clock::now(),
        bar,
        spoke: Cell::new(Duration::ZERO),
        finished: false,
    }
}

impl Step {
    /// Shows the last line of what is running.
    pub fn line(&self, line: &str) {
        if let Some(bar) = &self.bar {
            let line = plain(line);
            if !line.is_empty() {
                bar.set_message(line);
            }
            return;
        }
        let elapsed = self.began.elapsed();
        if elapsed >= self.spoke.get() + STILL_THERE {
            self.spoke.set(elapsed);
            eprintln!("  {elapsed:.0?} so far: {}", plain(line));
        }
    }

    fn end(&self, mark: char) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let line = format!("{mark} {} ({:.1?})", self.title, self.began.elapsed());
        BARS.suspend(|| eprintln!("{line}"));
    }

    /// Done; says how long it took.
    pub fn done(mut self) {
        self.finished = true;
        self.end('✓');
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.finished {
            self.end('✗');
        }
    }
}

/// A line without colour codes and control characters.
fn plain(line: &str) -> String {
    let text = console::strip_ansi_codes(line);
    text.replace(char::is_control, "").trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn colour_codes_do_not_reach_the_spinner() {
        let line = "\u{1b}[1m\u{1b}[32m   Compiling\u{1b}[0m serde\t";
        assert_eq!(super::plain(line), "Compiling serde");
    }
}
