//! The object's one alarm, which the sync to D1, erasure and the assistant share: whoever wakes looks at all of it.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use worker::State;

use crate::http::problem::Problem;

/// The alarm, and what this instance knows of it.
pub struct Alarm {
    state: Rc<State>,
    is_set: Cell<bool>,
}

impl Alarm {
    /// Knows nothing of the alarm yet.
    pub fn new(state: Rc<State>) -> Self {
        Self {
            state,
            is_set: Cell::new(false),
        }
    }

    /// Whether this instance knows that it is coming soon.
    pub fn is_set(&self) -> bool {
        self.is_set.get()
    }

    /// Sets the alarm.
    ///
    /// # Errors
    /// A [`Problem`] of ours when the storage fails.
    pub async fn set(&self, delay_ms: u64) -> Result<(), Problem> {
        self.is_set.set(true);
        let storage = self.state.storage();
        storage
            .set_alarm(Duration::from_millis(delay_ms))
            .await
            .inspect_err(|_| self.is_set.set(false))?;
        Ok(())
    }

    /// Sets it for something that is far off: whoever needs it sooner moves it.
    ///
    /// # Errors
    /// A [`Problem`] of ours when the storage fails.
    pub async fn set_far(&self, delay_ms: u64) -> Result<(), Problem> {
        self.set(delay_ms).await?;
        self.is_set.set(false);
        Ok(())
    }

    /// Notes that the alarm has come, or was deleted with the storage.
    pub fn on_gone(&self) {
        self.is_set.set(false);
    }
}
