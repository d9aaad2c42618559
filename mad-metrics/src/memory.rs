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
pub(crate) trait Asked<I> {
    /// What is remembered of it, besides the series.
    type Note;

    fn hash(&self) -> u64;

    fn note(&self, series: &Series<I>) -> Self::Note;

    /// Says whether it is what was noted with this series. The hashes are the same.
    fn is(&self, note: &Self::Note, series: &Series<I>) -> bool;
}

/// What is remembered of a key.
#[derive(Debug)]
pub(crate) enum KeyNote {
    /// A key whose parts are constant, as in most macros: they are where they were. As there is a copy of
    /// the key, nothing else can come to be there.
    Constant(KeyPlace, Box<Key>),
    /// The key is that of the series.
    OfSeries,
    /// Some of its labels are recorded in another way.
    Alias(Box<Key>),
}

/// Where the parts of a key are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyPlace {
    name: usize,
    labels: usize,
    n_labels: usize,
}

impl KeyPlace {
    #[inline]
    fn of(key: &Key) -> Self {
        let labels = key.labels().as_slice();
        Self {
            name: key.name().as_ptr().addr(),
            labels: labels.as_ptr().addr(),
            n_labels: labels.len(),
        }
    }
}

impl<I> Asked<I> for Key {
    type Note = KeyNote;

    #[inline]
    fn hash(&self) -> u64 {
        self.get_hash()
    }

    fn note(&self, series: &Series<I>) -> KeyNote {
        let copy = self.clone();
        let place = KeyPlace::of(self);
        // The copy of parts that are not constant is somewhere else.
        if place == KeyPlace::of(&copy) {
            KeyNote::Constant(place, Box::new(copy))
        } else if series.is(self) {
            KeyNote::OfSeries
        } else {
            KeyNote::Alias(Box::new(copy))
        }
    }

    #[inline]
    fn is(&self, note: &KeyNote, series: &Series<I>) -> bool {
        match note {
            // A constant key may stand in the program more than once.
            KeyNote::Constant(place, copy) => *place == KeyPlace::of(self) || **copy == *self,
            KeyNote::OfSeries => series.is(self),
            KeyNote::Alias(alias) => **alias == *self,
        }
    }
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
    fn find(&self, stamp: u64, asked: &impl Asked<I, Note = N>) -> Option<&Arc<Kept<I>>> {
        if self.stamp != stamp || self.places.is_empty() {
            return None;
        }
        let hash = asked.hash();
        let found = self.places[self.place(hash)].as_ref()?;
        (found.hash == hash && asked.is(&found.note, &found.kept.0)).then_some(&found.kept)
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

    fn remember(
        &mut self,
        stamp: u64,
        asked: &impl Asked<I, Note = N>,
        series: &Shared<Series<I>>,
    ) {
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
            note: asked.note(series),
            kept: Arc::new(Kept(Shared::clone(series))),
        });
    }

    fn is_taken(&self, hash: u64) -> bool {
        self.places[self.place(hash)].is_some()
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
pub(crate) fn remembered<I: Handled + 'static, A: Asked<I>>(
    memory: &'static ThreadMemory<I, A::Note>,
    registry: &Registry,
    asked: &A,
    find: impl FnOnce() -> Option<Shared<Series<I>>>,
) -> I::Handle {
    let stamp = registry.stamp();
    // A thread that ends, or that is at it already, has none.
    let kept = memory.try_with(|memory| {
        let memory = memory.try_borrow().ok()?;
        memory.find(stamp, asked).cloned()
    });
    match kept {
        Ok(Some(kept)) => I::again(kept),
        _ => find_and_remember(memory, stamp, asked, find),
    }
}

#[cold]
fn find_and_remember<I: Handled + 'static, A: Asked<I>>(
    memory: &'static ThreadMemory<I, A::Note>,
    stamp: u64,
    asked: &A,
    find: impl FnOnce() -> Option<Shared<Series<I>>>,
) -> I::Handle {
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
