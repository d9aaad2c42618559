//! Numbers that lie side by side, so that who reads many of them has little to wait for.

use std::collections::HashMap;
use std::sync::atomic::Ordering::Relaxed;

use super::count::Count;
use super::this_thread::Owner;
use crate::sync::{Arc, AtomicU64, Mutex};

/// How many places a block has, which fill a page of the memory: the processor fetches what follows what it reads, up to
/// the end of that. In a model, one is beside another.
const PLACES: usize = if cfg!(all(test, mad_loom)) { 2 } else { 256 };

/// How many of them have a bit in the same word.
const WORD: usize = if cfg!(all(test, mad_loom)) { 2 } else { 64 };

/// How many places fill a line of the cache.
const LINE: usize = if cfg!(all(test, mad_loom)) { 1 } else { 4 };

/// Numbers that lie side by side.
#[derive(Debug)]
#[repr(align(64))]
struct Block {
    counts: [Count; PLACES],
    /// The thread that may own counts, for each line: two owners on one would be in each other's way, and not see it.
    owners: [Owner; PLACES / LINE],
    /// A bit for each of them that is not all there is to know.
    stand_out: [AtomicU64; PLACES / WORD],
}

impl Block {
    fn empty() -> Self {
        Self {
            counts: std::array::from_fn(|_| Count::default()),
            owners: std::array::from_fn(|_| Owner::default()),
            stand_out: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    #[inline]
    fn read(&self, index: usize) -> u64 {
        self.counts[index % PLACES].value()
    }

    #[inline]
    fn word(&self, index: usize) -> &AtomicU64 {
        &self.stand_out[index % PLACES / WORD]
    }

    /// Returns the lowest bit for a number that stands out; what the others are is left open.
    #[inline]
    fn stands_out(&self, index: usize) -> u64 {
        self.word(index).load(Relaxed) >> (index % WORD)
    }
}

/// The place of a number, zero at first, which nobody else has.
#[derive(Debug)]
pub(crate) struct Place {
    block: Arc<Block>,
    index: u32,
    /// Who counts there on its own.
    owner: Owner,
}

impl Place {
    #[inline]
    pub(super) fn count(&self) -> &Count {
        &self.block.counts[self.index as usize % PLACES]
    }

    #[inline]
    pub(super) const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Makes the thread that calls the owner if it is the first to ask; where another one owns what is beside it,
    /// there is none for good.
    pub(super) fn claim(&self) {
        let line = self.index as usize % PLACES / LINE;
        if self.block.owners[line].claim() {
            self.owner.claim();
        } else {
            self.owner.renounce();
        }
    }

    /// Returns what changes when a number on the same line of the cache does.
    pub(super) fn line(&self) -> u64 {
        let start = self.index as usize % PLACES / LINE * LINE;
        let counts = self.block.counts[start..start + LINE].iter();
        counts.fold(0, |sum, count| sum.wrapping_add(count.value()))
    }

    /// Tells who reads the number that it is not all there is to know. This comes before there is more to know.
    pub(super) fn stand_out(&self) {
        let index = self.index as usize;
        if self.block.stands_out(index) & 1 == 0 {
            self.block
                .word(index)
                .fetch_or(1 << (index % WORD), Relaxed);
        }
    }
}

/// Gives places.
///
/// Each is given once: a block goes when nobody has a place in it, and none of its places goes before.
#[derive(Debug)]
pub(crate) struct Blocks(Mutex<Option<Begun>>);

/// A block that has places left.
#[derive(Debug)]
struct Begun {
    block: Arc<Block>,
    given: usize,
}

impl Blocks {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Gives a place.
    pub(crate) fn place(&self) -> Place {
        let mut begun = self.0.lock();
        let Begun { block, given } = begun.take().unwrap_or_else(|| Begun {
            block: Arc::new(Block::empty()),
            given: 0,
        });
        let index = index_after(given);
        let given = given + 1;
        if given < PLACES {
            let block = Arc::clone(&block);
            *begun = Some(Begun { block, given });
        }
        let index = u32::try_from(index).unwrap_or_default();
        let owner = Owner::default();
        Place {
            block,
            index,
            owner,
        }
    }
}

/// Returns the index of the place that is given after so many.
///
/// One and the next are not on the same line of the cache: what is made one after the other is often written at the
/// same time. They are not far from each other either, as what is made together is often read together.
const fn index_after(given: usize) -> usize {
    let (words, nth) = (given / WORD, given % WORD);
    let lines = WORD / LINE;
    words * WORD + nth % lines * LINE + nth / lines
}

/// Many places, to be read in an order of their own.
#[derive(Debug)]
pub(crate) struct Places {
    blocks: Box<[Arc<Block>]>,
    /// The number of its block and its index in one, for each of them.
    each: Box<[u32]>,
}

impl Places {
    /// Takes note of these places.
    pub(crate) fn of(places: &[&Place]) -> Self {
        let mut numbers = HashMap::new();
        let mut blocks = Vec::new();
        let each = places.iter().map(|place| {
            let block = &place.block;
            let number = *numbers.entry(Arc::as_ptr(block)).or_insert_with(|| {
                blocks.push(Arc::clone(block));
                blocks.len() - 1
            });
            let place = number * PLACES + place.index as usize;
            u32::try_from(place).unwrap_or(u32::MAX)
        });
        let each = each.collect();
        let blocks = blocks.into_boxed_slice();
        Self { blocks, each }
    }

    /// Appends the numbers of some that follow one another, and says whether one of them stands out.
    pub(crate) fn read(&self, first: usize, count: usize, numbers: &mut Vec<u64>) -> bool {
        let mut stands_out = 0;
        numbers.extend(self.each[first..][..count].iter().map(|&place| {
            let (block, index) = self.find(place);
            stands_out |= block.stands_out(index);
            block.read(index)
        }));
        stands_out & 1 == 1
    }

    /// Says whether one of them stands out.
    pub(crate) fn stands_out(&self, at: usize) -> bool {
        let (block, index) = self.find(self.each[at]);
        block.stands_out(index) & 1 == 1
    }

    #[inline]
    fn find(&self, place: u32) -> (&Block, usize) {
        let place = place as usize;
        (&self.blocks[place / PLACES], place % PLACES)
    }
}

#[cfg(all(test, not(mad_loom)))]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    fn places(count: usize) -> Vec<Place> {
        let blocks = Blocks::new();
        std::iter::repeat_with(|| blocks.place())
            .take(count)
            .collect()
    }

    fn address(place: &Place) -> usize {
        std::ptr::from_ref(place.count()).addr()
    }

    #[test]
    fn each_place_is_given_once_and_the_next_is_on_another_line() {
        let places = places(3 * PLACES + 1);
        let addresses: HashSet<_> = places.iter().map(address).collect();
        assert_eq!(addresses.len(), places.len());
        for pair in places.windows(2) {
            assert_ne!(address(&pair[0]) / 64, address(&pair[1]) / 64);
        }
    }

    #[test]
    fn a_line_changes_with_the_numbers_on_it_and_no_others() {
        let places = places(2 * PLACES);
        for place in &places {
            let seen = place.line();
            let mut changes = seen;
            for other in &places {
                other.count().add_shared(1);
                changes += u64::from(address(place) / 64 == address(other) / 64);
                assert_eq!(place.line(), changes);
            }
        }
    }

    #[test]
    fn numbers_are_read_in_any_order_and_those_that_stand_out_are_known() {
        let given = places(5 * PLACES);
        for (place, number) in given.iter().zip(0..) {
            place.count().add_owned(number / 2);
            place.count().add_shared(number - number / 2);
        }
        given[7].stand_out();
        let order: Vec<_> = (0..given.len()).map(|n| n * 7 % given.len()).collect();
        let in_order: Vec<_> = order.iter().map(|&n| &given[n]).collect();
        let places = Places::of(&in_order);
        let mut numbers = Vec::new();
        for first in (0..given.len()).step_by(10) {
            let stands_out = order[first..][..10].contains(&7);
            assert_eq!(places.read(first, 10, &mut numbers), stands_out);
        }
        assert_eq!(numbers, order.iter().map(|&n| n as u64).collect::<Vec<_>>());
        for (at, n) in order.iter().enumerate() {
            assert_eq!(places.stands_out(at), *n == 7);
        }
    }

    #[test]
    fn counts_on_one_line_have_one_owner() {
        let places = places(PLACES);
        let (first, beside) = (&places[0], &places[WORD / LINE]);
        assert_eq!(address(first) / 64, address(beside) / 64);
        first.claim();
        assert!(first.owner().is_this_thread());
        thread::scope(|scope| {
            scope.spawn(|| {
                beside.claim();
                places[1].claim();
                assert!(places[1].owner().is_this_thread());
                assert!(!beside.owner().is_this_thread() && !first.owner().is_this_thread());
            });
        });
        beside.claim();
        assert!(!beside.owner().is_this_thread() && !beside.owner().is_nobody());
    }

    #[test]
    fn a_block_goes_with_the_last_that_has_a_place_in_it() {
        let mut places = places(PLACES);
        let block = Arc::downgrade(&places[0].block);
        places.truncate(1);
        assert!(block.upgrade().is_some());
        places.clear();
        assert!(block.upgrade().is_none());
    }
}
