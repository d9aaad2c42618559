//! Everything at once, as a file that Prometheus makes blocks of.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::reading::{Reading, escaped};
use super::{PushOptions, readings};
use crate::{RunFilter, Store, StoreError};

/// The labels of a series, and its numbers by time.
type Family = BTreeMap<Vec<(String, String)>, BTreeMap<i64, f64>>;

/// Writes everything that a store holds as OpenMetrics, with times: for `promtool tsdb create-blocks-from openmetrics`,
/// as Prometheus takes nothing by remote write that is older than its newest block.
///
/// ```
/// use mad_store::Store;
/// use mad_store::sink::{PushOptions, write_open_metrics};
///
/// # let folder = tempfile::tempdir()?;
/// let store = Store::open(folder.path().join("mad.db"))?;
/// let mut page = Vec::new();
/// write_open_metrics(&store, &PushOptions::default(), &mut page)?;
/// assert_eq!(page, b"# EOF\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`BackfillError`] if the store cannot be read or the page not be written.
pub fn write_open_metrics(
    store: &Store,
    options: &PushOptions,
    output: &mut dyn Write,
) -> Result<(), BackfillError> {
    for (name, family) in families(store, options)? {
        writeln!(output, "# TYPE {name} gauge")?;
        for (labels, values) in family {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
                .collect();
            let labels = labels.join(",");
            for (at, value) in values {
                writeln!(output, "{name}{{{labels}}} {value} {}", seconds(at))?;
            }
        }
    }
    writeln!(output, "# EOF")?;
    Ok(())
}

/// All readings, by name and by series: a page has each family in one place, in the order of time.
fn families(store: &Store, options: &PushOptions) -> Result<BTreeMap<String, Family>, StoreError> {
    let mut families = BTreeMap::<String, Family>::new();
    for run in store.runs(&RunFilter::default())? {
        for Reading {
            name,
            labels,
            at,
            value,
            ..
        } in readings(&store.recording(&run)?, options)
        {
            let family = families.entry(name).or_default();
            family.entry(labels).or_default().insert(at, value);
        }
    }
    Ok(families)
}

/// Milliseconds as seconds with three digits behind the point.
fn seconds(at: i64) -> String {
    let sign = if at < 0 { "-" } else { "" };
    let at = at.unsigned_abs();
    format!("{sign}{}.{:03}", at / 1000, at % 1000)
}

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The page could not be written.
    #[error("the page could not be written")]
    Output(#[from] io::Error),
}
