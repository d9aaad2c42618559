//! What a source tree measures, told as [`Sample`](mad_store::Sample)s.
//!
//! Nothing here keeps what it measured, and nothing asks a server: functions take what is to be measured and give
//! numbers back. [`metric`] has the table of all of them, with their units.
//!
//! ```
//! use mad_measure::source::{self, SourceFile};
//! use mad_store::Subject;
//!
//! let samples = source::measure([
//!     SourceFile::new("Cargo.toml", "[package]\nname = \"shop\"\n"),
//!     SourceFile::new("src/lib.rs", "/// Sells.\npub fn sell(n: u32) -> bool {\n    n > 0 && n < 10\n}\n"),
//! ]);
//!
//! let of_all = |metric: &str| {
//!     let mut samples = samples.iter().filter(|sample| sample.subject == Subject::run());
//!     samples.find(|sample| sample.metric.name == metric).map(|sample| sample.value)
//! };
//! assert_eq!(of_all("source_code_lines"), Some(3.0));
//! assert_eq!(of_all("source_cyclomatic_complexity"), Some(2.0));
//! ```

pub mod metric;
pub mod source;
