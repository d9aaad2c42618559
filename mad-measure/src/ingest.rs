//! What other tools' reports measured.
//!
//! [`read`] takes a report for numbers, or refuses it with the line and the reason: it never takes a part of one.

mod error;
mod junit;
pub(crate) mod libtest;
mod time;

pub use error::IngestError;

use crate::Measured;
use crate::case::{self, TestCase};

pub(crate) use junit::read as read_junit;

/// A report that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The tool that it is from, as far as it says so; otherwise the name of its format.
    pub runner: String,
    /// When what it tells of began, in milliseconds since 1970.
    pub started_at: Option<i64>,
    /// How long that took, in seconds.
    pub seconds: Option<f64>,
    /// The numbers.
    pub measured: Measured,
}

/// The formats of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// JUnit XML, in the forms that runners of all languages give it.
    JUnit,
    /// What `cargo test` writes for people.
    Libtest,
}

/// Reads a report.
///
/// # Errors
///
/// If it is not what the format says, or cut off; the error says where.
pub fn read(format: Format, report: &[u8]) -> Result<Report, IngestError> {
    let text = error::text_of(report)?;
    match format {
        Format::JUnit => junit::read(text).map(TestReport::into_report),
        Format::Libtest => libtest::read(text).map(TestReport::into_report),
    }
}

/// A report of tests, before numbers are made of it.
#[derive(Debug, Default)]
pub(crate) struct TestReport {
    pub(crate) runner: &'static str,
    pub(crate) started_at: Option<i64>,
    pub(crate) seconds: Option<f64>,
    pub(crate) cases: Vec<TestCase>,
}

impl TestReport {
    fn into_report(self) -> Report {
        Report {
            runner: self.runner.to_owned(),
            started_at: self.started_at,
            seconds: self.seconds,
            measured: case::tell(&self.cases),
        }
    }
}
