//! Stops an answer that is being made, from outside.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Why an answer is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The visitor has read enough: what was shown so far stays.
    Stopped,
    /// A person took over, or the chat ended: nothing of it stays.
    Dropped,
}

/// Stops one answer.
#[derive(Default)]
pub struct StopSignal {
    reason: Cell<Option<StopReason>>,
    waker: Cell<Option<Waker>>,
}

impl StopSignal {
    /// Stops it. The first reason stands, but for a drop, which counts always.
    pub fn stop(&self, reason: StopReason) {
        if reason == StopReason::Dropped || self.reason.get().is_none() {
            self.reason.set(Some(reason));
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Why it was stopped, if it was.
    pub fn reason(&self) -> Option<StopReason> {
        self.reason.get()
    }

    /// Waits until it is stopped.
    pub async fn stopped(&self) -> StopReason {
        poll_fn(|context| match self.reason.get() {
            Some(reason) => Poll::Ready(reason),
            None => {
                self.waker.set(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_first_reason_stands_but_for_a_drop() {
        let signal = StopSignal::default();
        assert_eq!(signal.stopped().now_or_never(), None);
        signal.stop(StopReason::Stopped);
        assert_eq!(signal.stopped().now_or_never(), Some(StopReason::Stopped));
        signal.stop(StopReason::Dropped);
        signal.stop(StopReason::Stopped);
        assert_eq!(signal.reason(), Some(StopReason::Dropped));
    }
}
