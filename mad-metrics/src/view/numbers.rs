//! Many series of one number each.

use std::fmt;
use std::time::SystemTime;

use super::labels::Labels;
use super::rows::{Rows, SomeRows};
use super::sample::{Number, Sample};

/// Series of a family that are one number each, and follow one another.
///
/// Most series of most programs are. To take many of them at once is quicker than one after the other.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    rows: &'a Rows,
    /// Which stride of the rows they are.
    stride: usize,
    bits: &'a [u64],
    /// Whether they are counts; they are floats otherwise.
    are_counts: bool,
    identity: &'a dyn Fn(usize) -> Identity<'a>,
}

/// What is known of one of them besides its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    pub(crate) labels: Labels<'a>,
    /// When counting began, if it is a count.
    pub(crate) created: Option<SystemTime>,
}

impl<'a> Numbers<'a> {
    /// Makes the numbers of a stride of rows, of counts or of the bits of floats. The identity is that of the one at a
    /// place among them.
    pub(crate) const fn new(
        rows: &'a Rows,
        stride: usize,
        bits: &'a [u64],
        are_counts: bool,
        identity: &'a dyn Fn(usize) -> Identity<'a>,
    ) -> Self {
        Self {
            rows,
            stride,
            bits,
            are_counts,
            identity,
        }
    }

    /// Returns how many series there are, at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub const fn len(&self) -> usize {
        self.bits.len()
    }

    /// Says whether they are exact counts, as those of a counter are.
    pub(crate) const fn are_counts(&self) -> bool {
        self.are_counts
    }

    /// Returns them one by one.
    pub fn iter(&self) -> impl Iterator<Item = Sample<'a>> + use<'a> {
        let identity = self.identity;
        self.each().enumerate().map(move |(place, number)| {
            let Identity { labels, created } = identity(place);
            let mut sample = Sample::number(labels, number);
            sample.created = created;
            sample
        })
    }

    /// Returns the lines up to their values.
    #[inline]
    pub(crate) fn rows(&self) -> SomeRows<'a> {
        self.rows.stride(self.stride)
    }

    /// Returns the values: counts, or the bits of floats.
    #[inline]
    pub(crate) const fn bits(&self) -> &'a [u64] {
        self.bits
    }

    /// Returns the values.
    fn each(&self) -> impl Iterator<Item = Number> + use<'a> {
        let are_counts = self.are_counts;
        self.bits.iter().map(move |&bits| {
            if are_counts {
                Number::Integer(bits)
            } else {
                Number::Float(f64::from_bits(bits))
            }
        })
    }
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
