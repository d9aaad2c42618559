//! What `go test -json` really writes is taken.

use std::fs;
use std::process::Command;

use mad_measure::ingest::{Format, detect, read};
use mad_store::Subject;

const TESTS: &str = "package shop

import \"testing\"

func TestPlaced(t *testing.T) {
	t.Run(\"by telephone\", func(t *testing.T) {})
	t.Run(\"by post\", func(t *testing.T) { t.Fatal(\"the stock is empty\") })
}

func TestLater(t *testing.T) { t.Skip(\"no warehouse\") }
";

#[test]
fn go_tests_with_subtests() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module shop\n\ngo 1.20\n").unwrap();
    fs::write(folder.path().join("shop_test.go"), TESTS).unwrap();
    let told = Command::new("go")
        .args(["test", "-json", "./..."])
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=mod")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(detect(&told.stdout), Some(Format::GoTest), "{told:?}");
    let report = read(Format::GoTest, &told.stdout).unwrap();
    let value = |subject: &str, metric: &str| {
        let subject: Subject = subject.parse().unwrap();
        let mut samples = report.measured.samples.iter();
        let sample =
            samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
        sample.map(|sample| sample.value)
    };
    assert_eq!(
        value("test shop TestPlaced/by_telephone", "test_passed"),
        Some(1.0)
    );
    assert_eq!(
        value("test shop TestPlaced/by_post", "test_passed"),
        Some(0.0)
    );
    assert_eq!(value("test shop TestPlaced", "test_passed"), Some(0.0));
    assert_eq!(value("run", "tests_skipped"), Some(1.0));
    let notes = &report.measured.notes;
    assert!(
        notes
            .iter()
            .any(|note| note.text.contains("the stock is empty")),
        "{notes:?}"
    );
}
