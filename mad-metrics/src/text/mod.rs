//! The text formats 0.0.4, which every scraper reads, and 1.0.0, which has names of any kind.

pub(crate) mod escape;
pub(crate) mod lines;
pub(crate) mod number;
mod short_lines;
mod writer;

pub use writer::TextWriter;
