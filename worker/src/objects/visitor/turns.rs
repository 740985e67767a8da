//! One after the other: frames are heard in the order in which they came, also while one of them waits for the database.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use futures_channel::oneshot::{Sender, channel};

/// The queue.
#[derive(Default)]
pub struct Turns {
    is_taken: Cell<bool>,
    waiting: RefCell<VecDeque<Sender<()>>>,
}

/// Whose turn it is, until this is dropped.
pub struct Turn<'t>(&'t Turns);

impl Turns {
    /// Waits for those who came before.
    pub async fn take(&self) -> Turn<'_> {
        if self.is_taken.replace(true) {
            let (sender, receiver) = channel();
            self.waiting.borrow_mut().push_back(sender);
            // A sender is dropped with the queue alone, and nobody waits in it then.
            receiver.await.ok();
        }
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // To the next one who still waits.
        while let Some(next) = self.0.waiting.borrow_mut().pop_front() {
            if next.send(()).is_ok() {
                return;
            }
        }
        self.0.is_taken.set(false);
    }
}
