//! Reports of other tools.

use mad_measure::ingest::{Format, detect, read};

/// Any bytes are taken or refused by each format, and a report that is taken has finite numbers only.
///
/// # Panics
///
/// If that does not hold.
pub fn ingest(bytes: &[u8]) {
    let _ = detect(bytes);
    for (name, format) in Format::ALL {
        if let Ok(report) = read(format, bytes) {
            let mut samples = report.measured.samples.iter();
            assert!(samples.all(|sample| sample.value.is_finite()), "{name}");
        }
    }
}
