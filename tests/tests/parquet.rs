//! What is exported is read by somebody else's programs.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tests::{Recorded, SUBJECTS, mad, python_judge};

#[test]
fn duckdb_reads_the_parquet_file_with_every_sample_in_it() {
    let recorded = Recorded::new();
    let file = recorded.folder().join("samples.parquet");
    let mut export = mad();
    export
        .args(["store", "export", "--format", "parquet", "--output"])
        .arg(&file);
    assert!(
        export
            .current_dir(recorded.folder())
            .status()
            .unwrap()
            .success()
    );

    let table = read(&file);
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2 * 2 * SUBJECTS.len());
    let durations: BTreeMap<_, _> = rows
        .iter()
        .filter(|row| row["metric"] == "test_duration_seconds" && row["host"] == "ci-2")
        .map(|row| {
            (
                row["subject"].as_str().unwrap(),
                row["value"].as_f64().unwrap(),
            )
        })
        .collect();
    let put: BTreeMap<_, _> = SUBJECTS
        .into_iter()
        .zip([2.0, 2.125, 2.25, 2.375])
        .collect();
    assert_eq!(durations, put);
    for row in rows {
        assert_eq!(row["cell"], "db=sqlite");
        assert_eq!(row["spread"], Value::Null);
    }
    assert_eq!(table["types"]["value"], "DOUBLE");
    assert_eq!(table["types"]["dirty"], "BOOLEAN");
    assert_eq!(table["types"]["started_at_ms"], "BIGINT");
}

fn read(file: &Path) -> Value {
    let output = python_judge("parquet_rows.py").arg(file).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}
