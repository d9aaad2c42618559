//! Many series of one number each.

use std::fmt;
use std::time::SystemTime;

use super::rows::{Row, Rows};
use super::sample::{Number, Sample};

/// Series of a family that are one number each, and follow one another.
///
/// Most series of most programs are. To take many of them at once is quicker than one after the other.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    rows: &'a Rows,
    /// The place of the first one among the rows.
    first: usize,
    bits: &'a [u64],
    /// When counting began, by place, if they are counts; they are floats otherwise.
    created: Option<&'a dyn Fn(usize) -> SystemTime>,
}

impl<'a> Numbers<'a> {
    /// Makes counts, of which is known when they began.
    pub(crate) const fn counts(
        rows: &'a Rows,
        first: usize,
        counts: &'a [u64],
        created: &'a dyn Fn(usize) -> SystemTime,
    ) -> Self {
        Self {
            rows,
            first,
            bits: counts,
            created: Some(created),
        }
    }

    /// Makes floats of their bits.
    pub(crate) const fn floats(rows: &'a Rows, first: usize, bits: &'a [u64]) -> Self {
        Self {
            rows,
            first,
            bits,
            created: None,
        }
    }

    /// Returns how many series there are, at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub const fn len(&self) -> usize {
        self.bits.len()
    }

    /// Says whether they are exact counts, as those of a counter are.
    pub(crate) const fn are_counts(&self) -> bool {
        self.created.is_some()
    }

    /// Returns them one by one.
    pub fn iter(&self) -> impl Iterator<Item = Sample<'a>> + use<'a> {
        let created = self.created;
        let places = self.first..;
        places.zip(self.rows()).map(move |(place, (row, number))| {
            let mut sample = Sample::number(row.labels(), number);
            sample.created = created.map(|created| created(place));
            sample
        })
    }

    /// Returns the lines up to their values, each with its value.
    #[inline]
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Row<'a>, Number)> + use<'a> {
        let are_counts = self.are_counts();
        let numbers = self.bits.iter().map(move |&bits| {
            if are_counts {
                Number::Integer(bits)
            } else {
                Number::Float(f64::from_bits(bits))
            }
        });
        self.rows.some(self.first, self.bits.len()).zip(numbers)
    }
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
