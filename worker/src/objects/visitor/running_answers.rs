//! The answers that this instance is making right now, and how they are ended from outside.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::answer::model::{End, Switch};

/// Answers that are being made, by the ids that they will have.
#[derive(Default)]
pub struct RunningAnswers(RefCell<HashMap<String, Rc<Switch>>>);

impl RunningAnswers {
    /// Begins one, unless it is being made already.
    pub fn begin(&self, answer_id: &str) -> Option<Rc<Switch>> {
        let mut running = self.0.borrow_mut();
        if running.contains_key(answer_id) {
            return None;
        }
        let switch = Rc::new(Switch::default());
        running.insert(answer_id.to_owned(), Rc::clone(&switch));
        Some(switch)
    }

    /// One is done.
    pub fn finish(&self, answer_id: &str) {
        self.0.borrow_mut().remove(answer_id);
    }

    /// Whether none is being made.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Ends all of them.
    pub fn end_all(&self, end: End) {
        for switch in self.0.borrow().values() {
            switch.end(end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_made_once_at_a_time_and_ends_with_all_others() {
        let running = RunningAnswers::default();
        let switch = running.begin("a").expect("the first");
        assert!(running.begin("a").is_none());
        running.end_all(End::Stopped);
        assert_eq!(switch.ended(), Some(End::Stopped));
        running.finish("a");
        assert!(running.is_empty() && running.begin("a").is_some());
    }
}
