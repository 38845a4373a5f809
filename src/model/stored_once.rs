//! A place where equal things are found again, as long as somebody holds them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

/// Several, so that threads seldom wait for each other.
const SHELVES: usize = 16;

/// What is stored, by hash.
pub(super) struct StoredOnce<T: ?Sized>(LazyLock<Shelves<T>>);

struct Shelves<T: ?Sized> {
    hasher: RandomState,
    shelves: [Mutex<Shelf<T>>; SHELVES],
}

struct Shelf<T: ?Sized> {
    things: HashMap<u64, Weak<T>>,
    /// With so many entries, those that nobody holds any more are swept out.
    sweep_at: usize,
}

impl<T: ?Sized> StoredOnce<T> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(|| Shelves {
            hasher: RandomState::new(),
            shelves: std::array::from_fn(|_| Mutex::new(Shelf { things: HashMap::new(), sweep_at: 1 << 10 })),
        }))
    }

    /// The thing that has this hash and is the one that is meant, or else a new one. Of two different things with one
    /// hash, the second is not stored: it is there twice and nothing else is wrong with it.
    pub(super) fn get(
        &self,
        key: &(impl Hash + ?Sized),
        is_meant: impl FnOnce(&T) -> bool,
        make: impl FnOnce() -> Arc<T>,
    ) -> Arc<T> {
        let hash = self.0.hasher.hash_one(key);
        let place = usize::try_from(hash % SHELVES as u64).unwrap_or_default();
        // Nothing is half done where a thread could have died: what is there can be used.
        let mut shelf = self.0.shelves[place].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shelf.things.get(&hash).and_then(Weak::upgrade) {
            return if is_meant(&known) { known } else { make() };
        }
        let made = make();
        shelf.put(hash, &made);
        made
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.shelves.iter().map(|shelf| shelf.lock().unwrap().things.len()).sum()
    }
}

impl<T: ?Sized> Shelf<T> {
    fn put(&mut self, hash: u64, thing: &Arc<T>) {
        self.things.insert(hash, Arc::downgrade(thing));
        if self.things.len() >= self.sweep_at {
            self.things.retain(|_, thing| thing.strong_count() > 0);
            self.sweep_at = (self.things.len() * 2).max(1 << 10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_found_again() {
        let store = StoredOnce::<String>::new();
        let get = |text: &str| store.get(text, |known| known == text, || Arc::new(text.to_owned()));
        let one = get("a");
        assert!(Arc::ptr_eq(&one, &get("a")));
        assert!(!Arc::ptr_eq(&one, &get("b")));
    }

    #[test]
    fn things_with_one_hash_stay_apart() {
        let store = StoredOnce::<String>::new();
        let get = |text: &str| store.get("hash", |known| known == text, || Arc::new(text.to_owned()));
        let (one, other) = (get("a"), get("b"));
        assert_eq!((one.as_str(), other.as_str()), ("a", "b"));
    }

    #[test]
    fn what_nobody_holds_is_swept_out() {
        let store = StoredOnce::<usize>::new();
        for number in 0..100_000 {
            drop(store.get(&number, |known| *known == number, || Arc::new(number)));
        }
        assert!(store.count() < 50_000, "{}", store.count());
    }
}
