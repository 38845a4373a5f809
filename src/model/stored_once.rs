//! Interning: equal values share one allocation for as long as it is in use.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use foldhash::{fast, quality};

/// Several shards, so that threads rarely wait for each other.
const SHARDS: usize = 16;

/// The interned values, by hash.
pub(super) struct StoredOnce<T: ?Sized>(LazyLock<Shards<T>>);

struct Shards<T: ?Sized> {
    /// Seeded at random, because the values come from files that strangers may have written.
    hasher: quality::RandomState,
    shards: [Mutex<Shard<T>>; SHARDS],
}

struct Shard<T: ?Sized> {
    values: HashMap<u64, Weak<T>, fast::RandomState>,
    /// From this many entries on, unused ones are removed.
    sweep_at: usize,
}

impl<T: ?Sized> StoredOnce<T> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(|| Shards {
            hasher: quality::RandomState::default(),
            shards: std::array::from_fn(|_| {
                Mutex::new(Shard { values: HashMap::default(), sweep_at: 1 << 10 })
            }),
        }))
    }

    /// The stored value with this key's hash if `is_meant` accepts it, otherwise a new one. If two different values have the
    /// same hash, the second is not stored, which only costs memory.
    pub(super) fn get(
        &self,
        key: &(impl Hash + ?Sized),
        is_meant: impl FnOnce(&T) -> bool,
        make: impl FnOnce() -> Arc<T>,
    ) -> Arc<T> {
        let hash = self.0.hasher.hash_one(key);
        let place = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        // A panic cannot leave the map half changed, so a poisoned lock can be used.
        let mut shard = self.0.shards[place].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shard.values.get(&hash).and_then(Weak::upgrade) {
            return if is_meant(&known) { known } else { make() };
        }
        let made = make();
        shard.put(hash, &made);
        made
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.shards.iter().map(|shard| shard.lock().unwrap().values.len()).sum()
    }
}

impl<T: ?Sized> Shard<T> {
    fn put(&mut self, hash: u64, value: &Arc<T>) {
        self.values.insert(hash, Arc::downgrade(value));
        if self.values.len() >= self.sweep_at {
            self.values.retain(|_, value| value.strong_count() > 0);
            self.sweep_at = (self.values.len() * 2).max(1 << 10);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_use_are_found_again() {
        let store = StoredOnce::<String>::new();
        let get = |text: &str| store.get(text, |known| known == text, || Arc::new(text.to_owned()));
        let one = get("a");
        assert!(Arc::ptr_eq(&one, &get("a")));
        assert!(!Arc::ptr_eq(&one, &get("b")));
    }

    #[test]
    fn values_with_equal_hashes_stay_apart() {
        let store = StoredOnce::<String>::new();
        let get = |text: &str| store.get("hash", |known| known == text, || Arc::new(text.to_owned()));
        let (one, other) = (get("a"), get("b"));
        assert_eq!((one.as_str(), other.as_str()), ("a", "b"));
    }

    #[test]
    fn unused_values_are_removed() {
        let store = StoredOnce::<usize>::new();
        for number in 0..100_000 {
            drop(store.get(&number, |known| *known == number, || Arc::new(number)));
        }
        assert!(store.count() < 50_000, "{}", store.count());
    }
}
