//! Finds the series of a key.

use std::sync::atomic::Ordering::Acquire;

use hashbrown::HashTable;
use metrics::Key;

use super::series::Series;
use crate::instrument::Watched;
use crate::sync::{Arc, RwLock, fence};

/// How many parts there are, each with a lock of its own. A power of two.
const SHARDS: usize = 32;

/// Finds the series of a key. It is read much more often than written.
#[derive(Debug)]
pub(crate) struct Index<V> {
    shards: Box<[Shard<V>]>,
}

/// Alone on its cache lines: a lock that is only read is written, too.
#[derive(Debug)]
#[repr(align(128))]
struct Shard<V>(RwLock<HashTable<Entry<V>>>);

/// A series, and the hash of its key: a table that grows does not look at each series.
type Entry<V> = (u64, Arc<Series<V>>);

impl<V: Watched> Index<V> {
    pub(crate) fn new() -> Self {
        let shard = |_| Shard(RwLock::new(HashTable::new()));
        Self {
            shards: (0..SHARDS).map(shard).collect(),
        }
    }

    /// Finds the series that a key of legal labels means.
    pub(crate) fn find(&self, key: &Key) -> Option<Arc<Series<V>>> {
        let hash = key.get_hash();
        let table = self.shard(hash).0.read();
        let found = table.find(mixed(hash), |(other, series)| {
            *other == hash && series.is(key)
        });
        found.map(|(_, series)| Arc::clone(series))
    }

    /// Finds the series of a key, or takes the one that is made for it.
    ///
    /// The index is locked for this key meanwhile, so that nobody else makes it too.
    pub(crate) fn find_or_add(
        &self,
        key: &Key,
        make: impl FnOnce() -> Option<Arc<Series<V>>>,
    ) -> Option<Arc<Series<V>>> {
        let hash = key.get_hash();
        let mut table = self.shard(hash).0.write();
        let is_it = |(other, series): &Entry<V>| *other == hash && series.is(key);
        if let Some((_, found)) = table.find(mixed(hash), is_it) {
            return Some(Arc::clone(found));
        }
        let series = make()?;
        let entry = (hash, Arc::clone(&series));
        table.insert_unique(mixed(hash), entry, |(hash, _)| mixed(*hash));
        Some(series)
    }

    /// Removes a series, unless somebody has it besides the index and `others`; says whether it went.
    ///
    /// Who looks for its key gets the lock before, and then has it, or after, and does not find it.
    pub(crate) fn remove_unless_held(&self, series: &Arc<Series<V>>, others: usize) -> bool {
        let hash = series.hash();
        let mut table = self.shard(hash).0.write();
        if Arc::strong_count(series) > 1 + others {
            return false;
        }
        // Meets the release with which the last one let go, so that what was recorded then is seen.
        fence(Acquire);
        if series.has_woken() {
            return false;
        }
        let found = table.find_entry(mixed(hash), |(_, found)| Arc::ptr_eq(found, series));
        found.map(|entry| drop(entry.remove())).is_ok()
    }

    fn shard(&self, hash: u64) -> &Shard<V> {
        // The table looks at the lowest and at the highest bits.
        &self.shards[(mixed(hash) >> 40) as usize % SHARDS]
    }
}

/// Spreads what the facade's hash says over all bits, which it does not promise to be spread over.
#[inline]
pub(crate) fn mixed(hash: u64) -> u64 {
    let product = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ (product >> 32)
}
