//! What the facade's handles hold.

use std::sync::Arc;

use metrics::{CounterFn, GaugeFn, HistogramFn};

use crate::instrument::{Counter, Gauge, Watched as _};
use crate::registry::{Distribution, Series};
use crate::rejection::Reason;
use crate::sync::Arc as Shared;

impl CounterFn for Series<Counter> {
    #[inline]
    fn increment(&self, value: u64) {
        // Whoever looks sees that it has moved.
        self.value().add(value);
        let place = || {
            self.value().stand_out();
            Some(0)
        };
        #[expect(clippy::cast_precision_loss, reason = "an exemplar is a float")]
        self.exemplars().keep(place, value as f64);
    }

    fn absolute(&self, value: u64) {
        self.touch().raise(value);
    }
}

impl GaugeFn for Series<Gauge> {
    fn increment(&self, value: f64) {
        if value.is_finite() {
            self.touch().add(value);
        } else {
            self.family().reject(Reason::NotFinite);
        }
    }

    fn decrement(&self, value: f64) {
        self.increment(-value);
    }

    fn set(&self, value: f64) {
        self.touch().set(value);
    }
}

impl HistogramFn for Series<Distribution> {
    #[inline]
    fn record(&self, value: f64) {
        self.observe(value, 1);
    }

    fn record_many(&self, value: f64, count: usize) {
        self.observe(value, count as u64);
    }
}

/// A series that a thread holds.
///
/// Each thread has its own of these for a series, so that handles that come and go, one for each call of a
/// macro, are counted on a cache line that no other thread writes to.
#[derive(Debug)]
pub(crate) struct Kept<I>(pub(crate) Shared<Series<I>>);

impl CounterFn for Kept<Counter> {
    #[inline]
    fn increment(&self, value: u64) {
        self.0.increment(value);
    }

    fn absolute(&self, value: u64) {
        self.0.absolute(value);
    }
}

impl GaugeFn for Kept<Gauge> {
    fn increment(&self, value: f64) {
        self.0.increment(value);
    }

    fn decrement(&self, value: f64) {
        self.0.decrement(value);
    }

    fn set(&self, value: f64) {
        self.0.set(value);
    }
}

impl HistogramFn for Kept<Distribution> {
    #[inline]
    fn record(&self, value: f64) {
        self.0.record(value);
    }

    #[inline]
    fn record_many(&self, value: f64, count: usize) {
        // That of the series: a handle that is shared has one of the facade's, which records one by one.
        HistogramFn::record_many(&*self.0, value, count);
    }
}

/// A kind of value that the facade has handles for.
pub(crate) trait Handled: Sized {
    type Handle;

    /// Makes a handle that does nothing.
    fn none() -> Self::Handle;

    /// Makes a handle for somebody who comes for the first time, and may keep it: the shortest way to the
    /// value.
    fn direct(series: Shared<Series<Self>>) -> Self::Handle;

    /// Makes a handle for somebody who comes again, and will again.
    fn again(kept: Arc<Kept<Self>>) -> Self::Handle;
}

macro_rules! handled {
    ($($instrument:ident $handle:ident,)+) => {
        $(impl Handled for $instrument {
            type Handle = metrics::$handle;

            fn none() -> Self::Handle {
                metrics::$handle::noop()
            }

            #[cfg(not(all(test, mad_loom)))]
            fn direct(series: Shared<Series<Self>>) -> Self::Handle {
                metrics::$handle::from_arc(series)
            }

            /// The facade does not take what is loom's.
            #[cfg(all(test, mad_loom))]
            fn direct(series: Shared<Series<Self>>) -> Self::Handle {
                Self::again(Arc::new(Kept(series)))
            }

            #[inline]
            fn again(kept: Arc<Kept<Self>>) -> Self::Handle {
                metrics::$handle::from_arc(kept)
            }
        })+
    };
}

handled! {
    Counter Counter,
    Gauge Gauge,
    Distribution Histogram,
}
