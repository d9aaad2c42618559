//! What other tools' reports measured.
//!
//! [`read`] takes a report for numbers, or refuses it with the line and the reason: it never takes a part of one. A
//! report that is cut off is refused too, wherever the format lets one see that.
//!
//! ```
//! use mad_measure::ingest::{Format, detect, read};
//!
//! let report = b"TAP version 14\n1..2\nok 1 - orders are placed\nnot ok 2 - orders are cancelled\n";
//! assert_eq!(detect(report), Some(Format::Tap));
//! assert!(read(Format::Tap, report)?.measured.samples.iter().any(|sample| sample.metric.name == "tests_failed"));
//!
//! let error = read(Format::Tap, b"1..3\nok 1\n").unwrap_err();
//! assert_eq!(error.line, Some(1));
//! # Ok::<(), mad_measure::ingest::IngestError>(())
//! ```

mod cargo;
mod cobertura;
mod criterion;
mod cucumber;
mod detect;
mod error;
mod go_test;
mod json;
mod junit;
mod lcov;
pub(crate) mod libtest;
mod libtest_json;
mod llvm_cov;
mod nextest;
mod pytest;
mod tap;
mod time;
mod timings;
mod xml;

use std::path::Path;
use std::time::SystemTime;

pub use error::IngestError;

use crate::Measured;
use crate::case::{self, TestCase};
use crate::coverage::{self, FileCoverage};

pub(crate) use cargo::read as read_cargo;
pub(crate) use junit::read as read_junit;
pub(crate) use llvm_cov::read as read_llvm_cov;
pub(crate) use timings::read as read_timings;

/// A report that was read.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// The Test Anything Protocol, of the versions 12 to 14.
    Tap,
    /// What `cargo test` writes for people.
    Libtest,
    /// What libtest writes with `--format json`, and nextest with `--message-format libtest-json`.
    LibtestJson,
    /// What nextest writes for people.
    Nextest,
    /// What Cargo and clippy write with `--message-format=json`.
    Cargo,
    /// lcov's trace files.
    Lcov,
    /// What `llvm-cov export` writes.
    LlvmCov,
    /// Cobertura's XML.
    Cobertura,
    /// The JSON of Cucumber and its relatives.
    Cucumber,
    /// The report of `pytest-json-report`.
    Pytest,
    /// `go test -json`.
    GoTest,
    /// The page that `cargo build --timings` writes.
    CargoTimings,
}

impl Format {
    /// All of them, with the names that they have on the command line.
    pub const ALL: [(&'static str, Self); 13] = [
        ("junit", Self::JUnit),
        ("tap", Self::Tap),
        ("libtest", Self::Libtest),
        ("libtest-json", Self::LibtestJson),
        ("nextest", Self::Nextest),
        ("cargo", Self::Cargo),
        ("lcov", Self::Lcov),
        ("llvm-cov", Self::LlvmCov),
        ("cobertura", Self::Cobertura),
        ("cucumber", Self::Cucumber),
        ("pytest", Self::Pytest),
        ("go-test", Self::GoTest),
        ("cargo-timings", Self::CargoTimings),
    ];

    fn name(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, format)| *format == self)
            .map_or("", |(name, _)| name)
    }
}

/// Which format a report has, as far as its beginning shows it.
pub fn detect(report: &[u8]) -> Option<Format> {
    detect::format(error::text_of(report).ok()?)
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
        Format::Tap => tap::read(text).map(TestReport::into_report),
        Format::Libtest => libtest::read(text).map(TestReport::into_report),
        Format::LibtestJson => libtest_json::read(text).map(TestReport::into_report),
        Format::Nextest => nextest::read(text).map(TestReport::into_report),
        Format::Cucumber => cucumber::read(text).map(TestReport::into_report),
        Format::Pytest => pytest::read(text).map(TestReport::into_report),
        Format::GoTest => go_test::read(text).map(TestReport::into_report),
        Format::Cargo => cargo::read(text).map(|complaints| Report::of(format, complaints.tell())),
        Format::CargoTimings => timings::read(text).map(|samples| Report::of(format, samples)),
        Format::Lcov => lcov::read(text).map(|files| of_coverage(format, &files)),
        Format::LlvmCov => llvm_cov::read(text).map(|files| of_coverage(format, &files)),
        Format::Cobertura => cobertura::read(text).map(|files| of_coverage(format, &files)),
    }
}

/// Reads what criterion left in a folder, such as `target/criterion`: the newest measurement of each benchmark.
///
/// # Errors
///
/// If there is none, or one that cannot be read.
pub fn read_criterion(folder: &Path) -> Result<Report, IngestError> {
    read_criterion_since(folder, SystemTime::UNIX_EPOCH)
}

/// Reads of what criterion left in a folder that which it has left there since a time: for whoever has just run
/// benchmarks, beside which the folder may hold those of another day.
///
/// # Errors
///
/// If there is none, or one that cannot be read.
pub fn read_criterion_since(folder: &Path, since: SystemTime) -> Result<Report, IngestError> {
    let samples = criterion::read(folder, since)?;
    Ok(Report {
        runner: "criterion".to_owned(),
        started_at: None,
        seconds: None,
        measured: Measured {
            samples,
            notes: Vec::new(),
        },
    })
}

fn of_coverage(format: Format, files: &[FileCoverage]) -> Report {
    Report::of(format, coverage::tell(files))
}

impl Report {
    fn of(format: Format, samples: Vec<mad_store::Sample>) -> Self {
        Self {
            runner: format.name().to_owned(),
            started_at: None,
            seconds: None,
            measured: Measured {
                samples,
                notes: Vec::new(),
            },
        }
    }

    /// Cuts a folder off the names of files, where they begin with it: reports of coverage name files from the root of
    /// the machine, on which they are another place each time.
    pub fn make_relative(&mut self, folder: &Path) {
        for sample in &mut self.measured.samples {
            if sample.subject.kind == mad_store::SubjectKind::File
                && let Ok(rest) = Path::new(&sample.subject.name).strip_prefix(folder)
            {
                sample.subject.name = rest.to_string_lossy().into_owned();
            }
        }
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

/// What a failure says, without the stack, which is another each time.
fn without_stack(text: &str) -> String {
    let text = text.split("\nstack backtrace:").next().unwrap_or_default();
    text.trim().to_owned()
}
