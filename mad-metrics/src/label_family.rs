//! Metrics whose labels are known and whose values are not.

use std::fmt;
use std::hash::Hasher;
use std::marker::PhantomData;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata};
use rapidhash::fast::RapidHasher;

use crate::instrument;
use crate::memory::{Asked, Remember, remembered};
use crate::registry::{Distribution, Registry, Series};
use crate::same::after;
use crate::site::{self, Given};

/// A metric whose labels are known and whose values are not: the quick way to count by a label that is not
/// constant.
///
/// The facade builds a key for each call, with copies of all values. This finds the series by the values
/// as they are, in what the thread remembers. A recorder that is not of this crate, or that is set for a
/// closure, is asked through the facade.
///
/// ```
/// use mad_metrics::{Builder, LabelFamily};
/// use metrics::Counter;
///
/// static REQUESTS: LabelFamily<Counter, 2> =
///     LabelFamily::new("requests_total", ["method", "status"]);
///
/// let handle = Builder::new().install()?;
/// for status in [200, 200, 404] {
///     REQUESTS.get(["GET", &status.to_string()]).increment(1);
/// }
/// assert!(handle.render().contains("requests_total{method=\"GET\",status=\"200\"} 2\n"));
/// # Ok::<(), mad_metrics::BuildError>(())
/// ```
#[derive(Debug)]
pub struct LabelFamily<H, const N: usize> {
    name: &'static str,
    labels: [&'static str; N],
    handle: PhantomData<fn() -> H>,
}

impl<H: Labelled, const N: usize> LabelFamily<H, N> {
    /// Names a metric and its labels: counters if `H` is [`Counter`], and so on.
    pub const fn new(name: &'static str, labels: [&'static str; N]) -> Self {
        Self {
            name,
            labels,
            handle: PhantomData,
        }
    }

    /// Returns the handle for these values, which are in the order of the labels.
    #[inline]
    pub fn get(&'static self, values: [&str; N]) -> H {
        metrics::with_recorder(|recorder| match site::registry() {
            Some(registry) if site::is_installed(recorder) => H::of(&Values {
                registry,
                family: std::ptr::from_ref(self).addr(),
                each: &values,
                key: &|| self.key(values),
            }),
            _ => H::ask(recorder, &self.key(values), &METADATA),
        })
    }

    #[cold]
    fn key(&self, values: [&str; N]) -> Key {
        let labels = self.labels.into_iter().zip(values);
        let labels = labels.map(|(label, value)| Label::new(label, value.to_owned()));
        Key::from_parts(self.name, labels.collect::<Vec<_>>())
    }
}

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

/// A handle of the facade that a [`LabelFamily`] gives.
pub trait Labelled: Given {
    #[doc(hidden)]
    fn of(values: &Values<'_>) -> Self;
}

macro_rules! labelled {
    ($($handle:ident $instrument:ty,)+) => {
        $(impl Labelled for $handle {
            #[inline]
            fn of(values: &Values<'_>) -> Self {
                values.keep::<$instrument>()
            }
        })+
    };
}

labelled! {
    Counter instrument::Counter,
    Gauge instrument::Gauge,
    Histogram Distribution,
}

/// Values of the labels of a family.
pub struct Values<'v> {
    registry: &'v Registry,
    /// Where the family is; there is no other one, as it is static.
    family: usize,
    each: &'v [&'v str],
    key: &'v dyn Fn() -> Key,
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Values").field(&self.each).finish()
    }
}

impl Values<'_> {
    #[inline]
    fn keep<I: Remember>(&self) -> I::Handle {
        let find = || self.registry.series(&(self.key)(), Some(&METADATA));
        remembered(I::by_values(), self.registry, self, find)
    }
}

/// What is remembered of values.
#[derive(Debug)]
pub(crate) struct ValuesNote {
    family: usize,
    /// One after the other, each with an end that is in no text.
    values: Box<[u8]>,
}

/// Is in no text.
const END: u8 = 0xFF;

impl Asked for Values<'_> {
    type Note = ValuesNote;

    #[inline]
    fn hash(&self) -> u64 {
        let mut hasher = RapidHasher::default_const();
        hasher.write_usize(self.family);
        for value in self.each {
            hasher.write(value.as_bytes());
        }
        hasher.finish()
    }

    fn note(&self) -> ValuesNote {
        let values = self.each.iter();
        let with_ends = values.flat_map(|value| value.bytes().chain([END]));
        ValuesNote {
            family: self.family,
            values: with_ends.collect(),
        }
    }

    #[inline]
    fn is(&self, note: &ValuesNote) -> bool {
        let mut rest = &*note.values;
        for value in self.each {
            match after(rest, value.as_bytes()) {
                Some([END, after @ ..]) => rest = after,
                _ => return false,
            }
        }
        rest.is_empty() && note.family == self.family
    }

    /// There is one note for the same values.
    fn means<I>(&self, _: &Series<I>) -> bool {
        false
    }
}
