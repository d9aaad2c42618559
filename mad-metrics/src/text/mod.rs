//! The text format 0.0.4, which every scraper reads.

pub(crate) mod escape;
mod number;
mod writer;

pub use writer::TextWriter;
