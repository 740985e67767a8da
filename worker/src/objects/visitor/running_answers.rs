//! The answers that this instance is making right now, and how they are stopped from outside.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::answer::stop::{StopReason, StopSignal};

/// Answers that are being made, by the ids that they will have.
#[derive(Default)]
pub struct RunningAnswers(RefCell<HashMap<String, Rc<StopSignal>>>);

impl RunningAnswers {
    /// Begins one, unless it is being made already.
    pub fn begin(&self, answer_id: &str) -> Option<Rc<StopSignal>> {
        let mut running = self.0.borrow_mut();
        if running.contains_key(answer_id) {
            return None;
        }
        let signal = Rc::new(StopSignal::default());
        running.insert(answer_id.to_owned(), Rc::clone(&signal));
        Some(signal)
    }

    /// One is done.
    pub fn finish(&self, answer_id: &str) {
        self.0.borrow_mut().remove(answer_id);
    }

    /// Whether none is being made.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Stops all of them.
    pub fn stop_all(&self, reason: StopReason) {
        for signal in self.0.borrow().values() {
            signal.stop(reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_made_once_at_a_time_and_ends_with_all_others() {
        let running = RunningAnswers::default();
        let signal = running.begin("a").expect("the first");
        assert!(running.begin("a").is_none());
        running.stop_all(StopReason::Stopped);
        assert_eq!(signal.reason(), Some(StopReason::Stopped));
        running.finish("a");
        assert!(running.is_empty() && running.begin("a").is_some());
    }
}
