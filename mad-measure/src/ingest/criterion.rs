//! What criterion leaves in `target/criterion`.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use mad_store::{Sample, Subject, SubjectKind};
use serde::Deserialize;

use super::error::IngestError;
use super::json;
use crate::metric;

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
    median_abs_dev: Estimate,
}

/// In nanoseconds.
#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

#[derive(Deserialize)]
struct Measurements {
    times: Vec<f64>,
}

/// Reads the newest measurement of each benchmark below a folder, as far as it was made since then.
pub(super) fn read(folder: &Path, since: SystemTime) -> Result<Vec<Sample>, IngestError> {
    let mut measurements = Vec::new();
    find(folder, 0, &mut measurements)
        .map_err(|error| IngestError::whole(format!("{}: {error}", folder.display())))?;
    measurements.retain(|measurement| written_at(measurement).is_none_or(|at| at >= since));
    measurements.sort();
    if measurements.is_empty() {
        let reason = format!(
            "{} has no new benchmark of criterion in it: `new/estimates.json` is what they leave",
            folder.display()
        );
        return Err(IngestError::whole(reason));
    }
    measurements
        .iter()
        .map(|measurement| sample(measurement))
        .collect()
}

/// Folders called `new` with both files in them.
fn find(folder: &Path, depth: usize, measurements: &mut Vec<PathBuf>) -> io::Result<()> {
    const DEEPEST: usize = 12;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() || depth == DEEPEST {
            continue;
        }
        let path = entry.path();
        if entry.file_name() == "new" && path.join("estimates.json").exists() {
            measurements.push(path);
        } else {
            find(&path, depth + 1, measurements)?;
        }
    }
    Ok(())
}

fn written_at(measurement: &Path) -> Option<SystemTime> {
    let estimates = fs::metadata(measurement.join("estimates.json"));
    estimates.and_then(|data| data.modified()).ok()
}

fn sample(measurement: &Path) -> Result<Sample, IngestError> {
    let benchmark: Benchmark = file(&measurement.join("benchmark.json"))?;
    let estimates: Estimates = file(&measurement.join("estimates.json"))?;
    let subject = Subject::new(SubjectKind::Benchmark, "", benchmark.full_id);
    let seconds = |estimate: &Estimate| estimate.point_estimate / 1e9;
    let mut sample = metric::BENCHMARK_SECONDS.sample(&subject, seconds(&estimates.median));
    sample.spread = Some(seconds(&estimates.median_abs_dev));
    // Whoever copies results by hand may have left that file out.
    let times = measurement.join("sample.json");
    if times.exists() {
        let measurements: Measurements = file(&times)?;
        sample.count = u32::try_from(measurements.times.len()).unwrap_or(u32::MAX);
    }
    Ok(sample)
}

fn file<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, IngestError> {
    let text = fs::read_to_string(path)
        .map_err(|error| IngestError::whole(format!("{}: {error}", path.display())))?;
    json::document(&text, "file of criterion").map_err(|error| IngestError {
        reason: format!("{}: {}", path.display(), error.reason),
        ..error
    })
}
