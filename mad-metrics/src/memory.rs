//! What a thread remembers of the keys that it used last.
//!
//! A macro of the facade looks up its series each time. Nearly always it is one that the same thread has
//! looked up before: then neither a lock is taken nor a line written that other threads read.

use std::cell::RefCell;
use std::sync::Arc;
use std::thread::LocalKey;

use metrics::{Key, Metadata};

use crate::instrument::{Counter, Gauge};
use crate::kept::{Handled, Kept};
use crate::key_note::KeyNote;
use crate::label_family::ValuesNote;
use crate::registry::{Distribution, Instrument, Registry, Series, mixed};
use crate::sync::Arc as Shared;

/// How many series a thread remembers at first, and at most. Powers of two.
const FEWEST: usize = 32;
const MOST: usize = 1024;

/// How many keys that do not fit come before one is remembered in place of another: most of them
/// never come again.
const PATIENCE: u32 = 4;

/// What a thread looks for.
pub(crate) trait Asked {
    /// What is remembered of it, besides the series.
    type Note;

    fn hash(&self) -> u64;

    fn note(&self) -> Self::Note;

    /// Says whether it is what was noted, as far as that is quick to see. The hashes are the same.
    fn is(&self, note: &Self::Note) -> bool;

    /// Says whether it means this series, though it is not what was noted. The hashes are the same.
    fn means<I>(&self, series: &Series<I>) -> bool;
}

/// What a thread remembers.
#[derive(Debug)]
pub(crate) struct Memory<I, N> {
    /// That of the registry, when it was remembered.
    stamp: u64,
    /// What is asked for has one place where it can be.
    places: Vec<Option<Remembered<I, N>>>,
    n_turned_away: u32,
}

#[derive(Debug)]
struct Remembered<I, N> {
    hash: u64,
    note: N,
    kept: Arc<Kept<I>>,
}

impl<I, N> Memory<I, N> {
    pub(crate) const fn new() -> Self {
        Self {
            stamp: 0,
            places: Vec::new(),
            n_turned_away: 0,
        }
    }

    #[inline]
    fn find(&self, stamp: u64, asked: &impl Asked<Note = N>) -> Option<&Arc<Kept<I>>> {
        let found = self.at(stamp, asked.hash())?;
        asked.is(&found.note).then_some(&found.kept)
    }

    /// Finds a series that is remembered with another note.
    fn find_otherwise(&self, stamp: u64, asked: &impl Asked<Note = N>) -> Option<&Arc<Kept<I>>> {
        let found = self.at(stamp, asked.hash())?;
        asked.means(&found.kept.0).then_some(&found.kept)
    }

    /// Returns what is remembered of this hash.
    #[inline]
    fn at(&self, stamp: u64, hash: u64) -> Option<&Remembered<I, N>> {
        if self.stamp != stamp || self.places.is_empty() {
            return None;
        }
        let found = self.places[self.place(hash)].as_ref()?;
        (found.hash == hash).then_some(found)
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only the lowest bits count"
        )]
        let mixed = mixed(hash) as usize;
        mixed & (self.places.len() - 1)
    }

    fn remember(&mut self, stamp: u64, asked: &impl Asked<Note = N>, series: &Shared<Series<I>>) {
        if self.stamp != stamp || self.places.is_empty() {
            self.stamp = stamp;
            self.places.clear();
            self.places.resize_with(FEWEST, || None);
        }
        let hash = asked.hash();
        while self.is_taken(hash) && self.places.len() < MOST {
            self.grow();
        }
        if self.is_taken(hash) {
            self.n_turned_away = (self.n_turned_away + 1) % PATIENCE;
            if self.n_turned_away > 0 {
                return;
            }
        }
        let place = self.place(hash);
        self.places[place] = Some(Remembered {
            hash,
            note: asked.note(),
            kept: Arc::new(Kept(Shared::clone(series))),
        });
    }

    /// Says whether there is something else where this would be. More places do not part what has the same hash.
    fn is_taken(&self, hash: u64) -> bool {
        let there = self.places[self.place(hash)].as_ref();
        there.is_some_and(|there| there.hash != hash)
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

/// The memory of a thread for what is noted like this.
pub(crate) type ThreadMemory<I, N> = LocalKey<RefCell<Memory<I, N>>>;

/// A kind of value whose series threads remember.
pub(crate) trait Remember: Instrument + Handled + 'static {
    /// By key.
    fn by_key() -> &'static ThreadMemory<Self, KeyNote>;

    /// By the values of a family's labels.
    fn by_values() -> &'static ThreadMemory<Self, ValuesNote>;
}

macro_rules! remember {
    ($($instrument:ident,)+) => {
        $(impl Remember for $instrument {
            fn by_key() -> &'static ThreadMemory<Self, KeyNote> {
                thread_local! {
                    static MEMORY: RefCell<Memory<$instrument, KeyNote>> =
                        const { RefCell::new(Memory::new()) };
                }
                &MEMORY
            }

            fn by_values() -> &'static ThreadMemory<Self, ValuesNote> {
                thread_local! {
                    static MEMORY: RefCell<Memory<$instrument, ValuesNote>> =
                        const { RefCell::new(Memory::new()) };
                }
                &MEMORY
            }
        })+
    };
}

remember! { Counter, Gauge, Distribution, }

/// Returns a handle for a key, which does nothing if it may have no series.
#[inline]
pub(crate) fn keep<I: Remember>(
    registry: &Registry,
    key: &Key,
    metadata: Option<&Metadata<'_>>,
) -> I::Handle {
    remembered(I::by_key(), registry, key, || {
        registry.series(key, metadata)
    })
}

/// Returns a handle for what the thread remembers, or for what is found now.
#[inline]
pub(crate) fn remembered<I: Handled + 'static, A: Asked>(
    memory: &'static ThreadMemory<I, A::Note>,
    registry: &Registry,
    asked: &A,
    find: impl FnOnce() -> Option<Shared<Series<I>>>,
) -> I::Handle {
    let stamp = registry.stamp();
    match look_in(memory, |memory| memory.find(stamp, asked)) {
        Some(kept) => I::again(kept),
        None => find_and_remember(memory, stamp, asked, find),
    }
}

/// Looks for what a thread remembers. One that ends, or that is at it already, remembers nothing.
#[inline]
fn look_in<I, N>(
    memory: &'static ThreadMemory<I, N>,
    look: impl FnOnce(&Memory<I, N>) -> Option<&Arc<Kept<I>>>,
) -> Option<Arc<Kept<I>>> {
    let found = memory.try_with(|memory| look(&*memory.try_borrow().ok()?).cloned());
    found.ok().flatten()
}

#[cold]
fn find_and_remember<I: Handled + 'static, A: Asked>(
    memory: &'static ThreadMemory<I, A::Note>,
    stamp: u64,
    asked: &A,
    find: impl FnOnce() -> Option<Shared<Series<I>>>,
) -> I::Handle {
    if let Some(kept) = look_in(memory, |memory| memory.find_otherwise(stamp, asked)) {
        return I::again(kept);
    }
    let Some(series) = find() else {
        return I::none();
    };
    // Beyond a limit there may be room the next time; until then, each call is counted.
    if !series.is_overflow() {
        _ = memory.try_with(|memory| {
            if let Ok(mut memory) = memory.try_borrow_mut() {
                memory.remember(stamp, asked, &series);
            }
        });
    }
    I::direct(series)
}
