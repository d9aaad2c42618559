//! What `llvm-cov export` writes, with or without `--summary-only`.

use serde::Deserialize;

use super::error::IngestError;
use super::json;
use crate::coverage::{FileCoverage, Share};

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: String,
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    lines: Counts,
    functions: Counts,
    regions: Counts,
    branches: Option<Counts>,
}

#[derive(Clone, Copy, Deserialize)]
struct Counts {
    count: u64,
    covered: u64,
}

/// Reads a report.
pub(crate) fn read(text: &str) -> Result<Vec<FileCoverage>, IngestError> {
    let document: Document = json::document(text, "report of llvm-cov")?;
    if document.kind != "llvm.coverage.json.export" {
        let reason = format!("`{}` is no report of llvm-cov", document.kind);
        return Err(IngestError::whole(reason));
    }
    let files = document.data.into_iter().flat_map(|data| data.files);
    Ok(files.map(File::coverage).collect())
}

impl File {
    fn coverage(self) -> FileCoverage {
        let share = |counts: Counts| Share {
            covered: counts.covered.min(counts.count),
            all: counts.count,
        };
        FileCoverage {
            package: String::new(),
            path: self.filename,
            lines: share(self.summary.lines),
            functions: share(self.summary.functions),
            regions: share(self.summary.regions),
            branches: self.summary.branches.map(share).unwrap_or_default(),
        }
    }
}
