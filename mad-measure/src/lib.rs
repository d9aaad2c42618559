//! What a source tree, a run of tests, or another tool's report measures, told as [`Sample`]s.
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

pub mod case;
pub mod coverage;
pub mod deep;
mod graph;
pub mod ingest;
pub mod lint;
pub mod matrix;
pub mod metric;
pub mod project;
pub mod source;
pub mod test_run;
pub mod timings;

use mad_store::{Note, Sample};

/// What something came to: numbers, and words to some of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// The numbers.
    pub samples: Vec<Sample>,
    /// The words: why tests failed, what could not be measured.
    pub notes: Vec<Note>,
}

impl Measured {
    /// Adds what something else came to.
    pub fn extend(&mut self, other: Self) {
        self.samples.extend(other.samples);
        self.notes.extend(other.notes);
    }
}
