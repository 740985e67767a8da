//! A value, and those who follow it.

use std::{
    cell::{Cell, RefCell, RefMut},
    rc::Rc,
};

/// Does something with each state of the value that it is shown.
type Follow<S> = Box<dyn FnMut(&S)>;

/// A value that is drawn in several places, and changed from anywhere, a follower included.
///
/// Keeps true: nothing is borrowed while a follower runs. It looks at the state that it was called with, whatever it
/// changes; that change is shown to all once it has returned, and so on until nobody changes anything any more.
pub struct Store<S> {
    state: RefCell<Rc<S>>,
    /// Counts the changes.
    version: Cell<u32>,
    /// With the version that each has seen, the one that waits longest first.
    followers: RefCell<Vec<(u32, Follow<S>)>>,
    is_showing: Cell<bool>,
}

impl<S: Clone> Store<S> {
    /// Followed by nobody.
    pub fn new(state: S) -> Self {
        Self {
            state: RefCell::new(Rc::new(state)),
            version: Cell::new(1),
            followers: RefCell::default(),
            is_showing: Cell::default(),
        }
    }

    /// The value as it is. Short-lived, please: a change copies what is still being looked at.
    pub fn now(&self) -> Rc<S> {
        self.state.borrow().clone()
    }

    /// Changes the value, then shows it to all who follow.
    pub fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let done = change(&mut self.open());
        self.show_new();
        done
    }

    // In one copy, whatever is changed: here and below.
    #[inline(never)]
    fn open(&self) -> RefMut<'_, S> {
        RefMut::map(self.state.borrow_mut(), Rc::make_mut)
    }

    #[inline(never)]
    fn show_new(&self) {
        self.version.set(self.version.get() + 1);
        self.show();
    }

    /// Shows the value now, and again whenever it has changed.
    pub fn follow(&self, follow: Follow<S>) {
        self.followers.borrow_mut().insert(0, (0, follow));
        self.show();
    }

    fn show(&self) {
        // A follower changed something, or brought another follower: whoever called it goes on with that.
        if self.is_showing.replace(true) {
            return;
        }
        while let Some((version, mut follow)) = self.next() {
            follow(&self.now());
            self.followers.borrow_mut().push((version, follow));
        }
        self.is_showing.set(false);
    }

    /// The next who has not seen the value as it is, and its version.
    fn next(&self) -> Option<(u32, Follow<S>)> {
        let mut followers = self.followers.borrow_mut();
        let version = self.version.get();
        let (seen, _) = followers.first()?;
        (*seen != version).then(|| (version, followers.remove(0).1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What followers were shown: who, and what.
    type Seen = Rc<RefCell<Vec<(&'static str, u32)>>>;

    fn watched() -> (Rc<Store<u32>>, Seen) {
        (Rc::new(Store::new(0)), Rc::default())
    }

    #[test]
    fn everyone_sees_the_first_state_and_each_change_in_the_order_in_which_they_came() {
        let (store, seen) = watched();
        for name in ["a", "b"] {
            let seen = seen.clone();
            store.follow(Box::new(move |n| seen.borrow_mut().push((name, *n))));
        }
        assert_eq!(store.change(|n| std::mem::replace(n, 7)), 0);
        store.change(|n| *n += 1);
        let expected = [("a", 0), ("b", 0), ("a", 7), ("b", 7), ("a", 8), ("b", 8)];
        assert_eq!(*seen.borrow(), expected);
        assert_eq!(*store.now(), 8);
    }

    #[test]
    fn a_follower_may_change_the_value_and_all_see_the_last_state() {
        let (store, seen) = watched();
        for name in ["a", "b", "c"] {
            let (seen, store_too) = (seen.clone(), store.clone());
            store.follow(Box::new(move |n| {
                seen.borrow_mut().push((name, *n));
                if name == "b" && *n < 3 {
                    store_too.change(|n| *n += 1);
                    assert_eq!(*store_too.now(), *n + 1, "the change is made at once");
                }
            }));
        }
        assert_eq!(*store.now(), 3);
        seen.borrow_mut().clear();
        store.change(|n| *n = 1);
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
    fn a_follower_may_bring_another_one() {
        let (store, seen) = watched();
        let (store_too, seen_too) = (store.clone(), seen.clone());
        store.follow(Box::new(move |n| {
            if *n == 1 {
                let seen = seen_too.clone();
                store_too.follow(Box::new(move |n| seen.borrow_mut().push(("new", *n))));
            }
        }));
        store.change(|n| *n = 1);
        store.change(|n| *n = 2);
        assert_eq!(*seen.borrow(), [("new", 1), ("new", 2)]);
    }
}
