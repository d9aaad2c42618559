//! What is updated in place: counters, gauges, histograms, summaries. They have no names.

mod block;
mod bounds;
mod count;
mod counter;
mod gauge;
mod histogram;
mod native;
mod striped;
mod sum;
mod this_thread;
mod watched;

#[cfg(all(test, mad_loom))]
mod interleavings;
mod summary;

pub(crate) use block::{Blocks, Place, Places};
pub(crate) use bounds::Bounds;
pub(crate) use counter::Counter;
pub(crate) use gauge::Gauge;
pub(crate) use histogram::{Histogram, HistogramReading};
pub(crate) use native::NativeShape;
pub(crate) use summary::{Rolling, SummaryShape};
pub(crate) use watched::Watched;
