//! lcov's trace files.

use std::collections::BTreeMap;

use super::error::IngestError;
use crate::coverage::FileCoverage;

/// Reads a trace file. A source file that is in it more than once, once for each test, is told once.
pub(super) fn read(text: &str) -> Result<Vec<FileCoverage>, IngestError> {
    let mut files = BTreeMap::<String, Record>::new();
    let mut open: Option<(String, usize)> = None;
    for (index, text) in text.lines().enumerate() {
        let line = index + 1;
        let text = text.trim_end();
        let (key, value) = text.split_once(':').unwrap_or((text, ""));
        match (key, &mut open) {
            ("SF", None) => {
                files.entry(value.to_owned()).or_default();
                open = Some((value.to_owned(), line));
            }
            ("SF", Some(_)) => {
                return Err(IngestError::at(
                    line,
                    "a file begins before the last one has ended",
                ));
            }
            ("end_of_record", Some(_)) => open = None,
            ("" | "TN" | "VER", _) => {}
            (key, None) if key.starts_with('#') => {}
            (_, None) => {
                return Err(IngestError::at(
                    line,
                    format!("`{key}` belongs to no file: `SF:` comes first"),
                ));
            }
            (key, Some((file, _))) => files
                .entry(file.clone())
                .or_default()
                .add(key, value, line)?,
        }
    }
    if let Some((_, line)) = open {
        return Err(IngestError::at(
            line,
            "the file that begins here has no `end_of_record`: the report is cut off",
        ));
    }
    if files.is_empty() {
        return Err(IngestError::whole("there is no file in it"));
    }
    Ok(files
        .into_iter()
        .map(|(path, record)| record.coverage(path))
        .collect())
}

#[derive(Default)]
struct Record {
    lines: BTreeMap<u64, u64>,
    functions: BTreeMap<String, u64>,
    branches: BTreeMap<String, u64>,
}

impl Record {
    fn add(&mut self, key: &str, value: &str, line: usize) -> Result<(), IngestError> {
        let wrong = || IngestError::at(line, format!("`{key}:{value}` is not understood"));
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
        match key {
            "DA" => {
                let mut parts = value.split(',');
                let at = number(parts.next().unwrap_or_default())?;
                // Some write a count that is below nothing when it has overflown.
                let hits = parts.next().ok_or_else(wrong)?.trim();
                let hits = if hits.starts_with('-') {
                    0
                } else {
                    number(hits)?
                };
                let sum = self.lines.entry(at).or_default();
                *sum = sum.saturating_add(hits);
            }
            "FN" => {
                let name = value.rsplit(',').next().ok_or_else(wrong)?;
                self.functions.entry(name.to_owned()).or_default();
            }
            "FNDA" => {
                let (hits, name) = value.split_once(',').ok_or_else(wrong)?;
                let sum = self.functions.entry(name.to_owned()).or_default();
                *sum = sum.saturating_add(number(hits)?);
            }
            "BRDA" => {
                let (branch, hits) = value.rsplit_once(',').ok_or_else(wrong)?;
                let hits = if hits.trim() == "-" { 0 } else { number(hits)? };
                let sum = self.branches.entry(branch.to_owned()).or_default();
                *sum = sum.saturating_add(hits);
            }
            // Sums, and what newer versions add.
            _ => {}
        }
        Ok(())
    }

    fn coverage(self, path: String) -> FileCoverage {
        let mut coverage = FileCoverage {
            path,
            ..FileCoverage::default()
        };
        self.lines
            .values()
            .for_each(|hits| coverage.lines.add_one(*hits > 0));
        self.functions
            .values()
            .for_each(|hits| coverage.functions.add_one(*hits > 0));
        self.branches
            .values()
            .for_each(|hits| coverage.branches.add_one(*hits > 0));
        coverage
    }
}
