//! Delimited protobuf, the one format that has native histograms.
//!
//! Messages are those of `io.prometheus.client`, each after its length.

mod metric;
mod pairs;
mod wire;
mod writer;

pub use writer::ProtobufWriter;
