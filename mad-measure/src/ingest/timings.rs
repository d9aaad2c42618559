//! How long crates took to build, from the page that `cargo build --timings` writes. Stable Cargo tells it in no other
//! form; the page holds the numbers as JSON, for its own script.

use std::collections::BTreeMap;

use mad_store::{Sample, Subject, SubjectKind};
use serde::Deserialize;

use super::error::IngestError;
use super::json;
use crate::metric;

/// What stands before the numbers, and behind them.
const BEGIN: &str = "const UNIT_DATA = ";
const END: &str = "];";

/// Something that was compiled or run: a library, the tests of it, a build script.
#[derive(Deserialize)]
struct Unit {
    name: String,
    /// In seconds. None at all, if it was built already.
    duration: f64,
}

/// Reads a page.
pub(crate) fn read(text: &str) -> Result<Vec<Sample>, IngestError> {
    let no_page = || IngestError::whole("it is no page of `cargo build --timings`");
    let (before, page) = text.split_once(BEGIN).ok_or_else(no_page)?;
    let first_line = before.lines().count();
    let end = page.find(END).ok_or_else(|| {
        IngestError::at(first_line, "the numbers have no end: the page is cut off")
    })?;
    // With the bracket.
    let units: Vec<Unit> =
        json::document(&page[..=end], "list of what Cargo built").map_err(|error| IngestError {
            line: error.line.map(|line| line + first_line.saturating_sub(1)),
            ..error
        })?;
    let mut of_packages = BTreeMap::new();
    for unit in &units {
        if !unit.duration.is_finite() || unit.duration < 0.0 {
            let reason = format!("`{}` is said to have taken {} s", unit.name, unit.duration);
            return Err(IngestError::whole(reason));
        }
        *of_packages.entry(&unit.name).or_insert(0.0) += unit.duration;
    }
    let built = of_packages
        .into_iter()
        .filter(|(_, seconds)| *seconds > 0.0);
    let samples = built.map(|(package, seconds)| {
        let subject = Subject::new(SubjectKind::Package, package, "");
        metric::PACKAGE_BUILD_SECONDS.sample(&subject, seconds)
    });
    Ok(samples.collect())
}
