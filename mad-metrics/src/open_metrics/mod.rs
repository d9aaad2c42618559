//! `OpenMetrics` 1.0, which has units, exemplars and an end.

mod shape;
mod writer;

pub use writer::OpenMetricsWriter;
