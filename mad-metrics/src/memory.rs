//! What a thread remembers of the keys that it used last.
//!
//! A macro of the facade looks up its series each time. Nearly always it is one that the same thread has
//! looked up before: then neither a lock is taken nor a line written that other threads read.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread::LocalKey;

use metrics::{Key, Metadata};

use crate::instrument::{Counter, Gauge};
use crate::kept::Kept;
use crate::registry::{Distribution, Instrument, Registry, mixed};

/// How many series a thread remembers at first, and at most. Powers of two.
const FEWEST: usize = 32;
const MOST: usize = 1024;

/// How many keys that do not fit come before one is remembered in place of another: most of them
/// never come again.
const PATIENCE: u32 = 4;

/// What a thread remembers.
#[derive(Debug)]
pub(crate) struct Memory<I> {
    /// That of the registry, when it was remembered.
    stamp: u64,
    /// Each key has one place where it can be.
    places: Vec<Option<Remembered<I>>>,
    n_turned_away: u32,
}

#[derive(Debug)]
struct Remembered<I> {
    hash: u64,
    /// The key, if it is not that of the series: some of its labels are recorded in another way.
    alias: Option<Box<Key>>,
    kept: Arc<Kept<I>>,
}

impl<I> Remembered<I> {
    #[inline]
    fn is_of(&self, key: &Key) -> bool {
        self.hash == key.get_hash()
            && match &self.alias {
                None => self.kept.0.is(key),
                Some(alias) => **alias == *key,
            }
    }
}

impl<I> Memory<I> {
    const fn new() -> Self {
        Self {
            stamp: 0,
            places: Vec::new(),
            n_turned_away: 0,
        }
    }

    #[inline]
    fn find(&self, stamp: u64, key: &Key) -> Option<&Arc<Kept<I>>> {
        if self.stamp != stamp || self.places.is_empty() {
            return None;
        }
        let found = self.places[self.place(key.get_hash())].as_ref()?;
        found.is_of(key).then_some(&found.kept)
    }

    fn place(&self, hash: u64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only the lowest bits count"
        )]
        let mixed = mixed(hash) as usize;
        mixed & (self.places.len() - 1)
    }

    fn remember(&mut self, stamp: u64, key: &Key, kept: &Arc<Kept<I>>) {
        if self.stamp != stamp || self.places.is_empty() {
            self.stamp = stamp;
            self.places.clear();
            self.places.resize_with(FEWEST, || None);
        }
        while self.is_taken(key) && self.places.len() < MOST {
            self.grow();
        }
        if self.is_taken(key) {
            self.n_turned_away = (self.n_turned_away + 1) % PATIENCE;
            if self.n_turned_away > 0 {
                return;
            }
        }
        let alias = (!kept.0.is(key)).then(|| Box::new(key.to_retained()));
        let place = self.place(key.get_hash());
        self.places[place] = Some(Remembered {
            hash: key.get_hash(),
            alias,
            kept: Arc::clone(kept),
        });
    }

    fn is_taken(&self, key: &Key) -> bool {
        self.places[self.place(key.get_hash())].is_some()
    }

    fn grow(&mut self) {
        let more = self.places.len() * 2;
        let remembered = std::mem::take(&mut self.places);
        self.places.resize_with(more, || None);
        for remembered in remembered.into_iter().flatten() {
            let place = self.place(remembered.hash);
            self.places[place] = Some(remembered);
        }
    }
}

/// A kind of value whose series threads remember.
pub(crate) trait Remember: Instrument + 'static {
    fn memory() -> &'static LocalKey<RefCell<Memory<Self>>>;
}

macro_rules! remember {
    ($($instrument:ident,)+) => {
        $(impl Remember for $instrument {
            fn memory() -> &'static LocalKey<RefCell<Memory<Self>>> {
                thread_local! {
                    static MEMORY: RefCell<Memory<$instrument>> =
                        const { RefCell::new(Memory::new()) };
                }
                &MEMORY
            }
        })+
    };
}

remember! { Counter, Gauge, Distribution, }

/// Returns a handle for a key, if it may have a series.
#[inline]
pub(crate) fn keep<I: Remember>(
    registry: &Registry,
    key: &Key,
    metadata: Option<&Metadata<'_>>,
) -> Option<Arc<Kept<I>>> {
    let stamp = registry.stamp();
    // A thread that ends, or that is at it already, has none.
    let remembered = I::memory().try_with(|memory| {
        let memory = memory.try_borrow().ok()?;
        memory.find(stamp, key).cloned()
    });
    match remembered {
        Ok(Some(kept)) => Some(kept),
        _ => look_up(registry, stamp, key, metadata),
    }
}

#[cold]
fn look_up<I: Remember>(
    registry: &Registry,
    stamp: u64,
    key: &Key,
    metadata: Option<&Metadata<'_>>,
) -> Option<Arc<Kept<I>>> {
    let series = registry.series(key, metadata)?;
    let kept = Arc::new(Kept(series));
    if kept.0.is_overflow() {
        // There may be room for the key the next time; until then, each call is counted.
        return Some(kept);
    }
    _ = I::memory().try_with(|memory| {
        if let Ok(mut memory) = memory.try_borrow_mut() {
            memory.remember(stamp, key, &kept);
        }
    });
    Some(kept)
}
