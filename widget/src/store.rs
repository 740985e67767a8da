//! A value, and the subscribers that are notified of its changes.

use std::{
    cell::{Cell, RefCell, RefMut},
    rc::Rc,
};

/// Is called with the value, now and after each change.
type Subscriber<S> = Box<dyn FnMut(&S)>;

/// A value that is drawn in several places, and changed from anywhere, a subscriber included.
///
/// Keeps true: nothing is borrowed while a subscriber runs. It sees the state that it was called with, whatever it
/// changes; all are notified of that change once it has returned, and so on until nobody changes anything any more.
pub struct Store<S> {
    state: RefCell<Rc<S>>,
    /// Counts the changes.
    version: Cell<u32>,
    /// With the version that each has seen, the one that waits longest first.
    subscribers: RefCell<Vec<(u32, Subscriber<S>)>>,
    is_notifying: Cell<bool>,
}

impl<S: Clone> Store<S> {
    /// Without subscribers.
    pub fn new(state: S) -> Self {
        Self {
            state: RefCell::new(Rc::new(state)),
            version: Cell::new(1),
            subscribers: RefCell::default(),
            is_notifying: Cell::default(),
        }
    }

    /// The value as it is. Drop it soon: a change copies what is still held.
    pub fn get(&self) -> Rc<S> {
        self.state.borrow().clone()
    }

    /// Reads something of the value.
    pub fn read<T>(&self, read: impl FnOnce(&S) -> T) -> T {
        read(&self.get())
    }

    /// Changes the value, then notifies the subscribers.
    pub fn update<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let done = change(&mut self.open());
        self.notify_new();
        done
    }

    // Compiled once and not once a change: this and the next one.
    #[inline(never)]
    fn open(&self) -> RefMut<'_, S> {
        RefMut::map(self.state.borrow_mut(), Rc::make_mut)
    }

    #[inline(never)]
    fn notify_new(&self) {
        self.version.set(self.version.get() + 1);
        self.notify();
    }

    /// Calls this with the value now, and again after each change.
    pub fn subscribe(&self, subscriber: Subscriber<S>) {
        self.subscribers.borrow_mut().insert(0, (0, subscriber));
        self.notify();
    }

    fn notify(&self) {
        // A subscriber changed something, or brought another one: the call that notifies goes on with that.
        if self.is_notifying.replace(true) {
            return;
        }
        while let Some((version, mut subscriber)) = self.next() {
            subscriber(&self.get());
            self.subscribers.borrow_mut().push((version, subscriber));
        }
        self.is_notifying.set(false);
    }

    /// The next subscriber that has not seen the value as it is, and the version of the value.
    fn next(&self) -> Option<(u32, Subscriber<S>)> {
        let mut subscribers = self.subscribers.borrow_mut();
        let version = self.version.get();
        let (seen, _) = subscribers.first()?;
        (*seen != version).then(|| (version, subscribers.remove(0).1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the subscribers saw: who, and what.
    type Seen = Rc<RefCell<Vec<(&'static str, u32)>>>;

    fn watched() -> (Rc<Store<u32>>, Seen) {
        (Rc::new(Store::new(0)), Rc::default())
    }

    #[test]
    fn everyone_sees_the_first_state_and_each_change_in_the_order_in_which_they_came() {
        let (store, seen) = watched();
        for name in ["a", "b"] {
            let seen = seen.clone();
            store.subscribe(Box::new(move |n| seen.borrow_mut().push((name, *n))));
        }
        assert_eq!(store.update(|n| std::mem::replace(n, 7)), 0);
        store.update(|n| *n += 1);
        let expected = [("a", 0), ("b", 0), ("a", 7), ("b", 7), ("a", 8), ("b", 8)];
        assert_eq!(*seen.borrow(), expected);
        assert_eq!(*store.get(), 8);
    }

    #[test]
    fn a_subscriber_may_change_the_value_and_all_see_the_last_state() {
        let (store, seen) = watched();
        for name in ["a", "b", "c"] {
            let (seen, store_too) = (seen.clone(), store.clone());
            store.subscribe(Box::new(move |n| {
                seen.borrow_mut().push((name, *n));
                if name == "b" && *n < 3 {
                    store_too.update(|n| *n += 1);
                    assert_eq!(*store_too.get(), *n + 1, "the change is made at once");
                }
            }));
        }
        assert_eq!(*store.get(), 3);
        seen.borrow_mut().clear();
        store.update(|n| *n = 1);
        let last = |name| {
            let seen = seen.borrow();
            let of_name: Vec<u32> = seen
                .iter()
                .filter(|(of, _)| *of == name)
                .map(|(_, n)| *n)
                .collect();
            assert!(of_name.is_sorted(), "{name} went back in time: {of_name:?}");
            of_name.last().copied()
        };
        assert_eq!(["a", "b", "c"].map(last), [Some(3); 3]);
    }

    #[test]
    fn a_subscriber_may_bring_another_one() {
        let (store, seen) = watched();
        let (store_too, seen_too) = (store.clone(), seen.clone());
        store.subscribe(Box::new(move |n| {
            if *n == 1 {
                let seen = seen_too.clone();
                store_too.subscribe(Box::new(move |n| seen.borrow_mut().push(("new", *n))));
            }
        }));
        store.update(|n| *n = 1);
        store.update(|n| *n = 2);
        assert_eq!(*seen.borrow(), [("new", 1), ("new", 2)]);
    }
}
