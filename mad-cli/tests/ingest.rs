//! `mad ingest` takes reports, or leaves everything as it is.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use mad_store::{RunFilter, Store};

fn mad(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mad"))
        .current_dir(folder)
        .arg("ingest")
        .args(arguments)
        .args(["--store", "kept.db"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    let mut stdin = child.stdin.take().expect("it is piped");
    // It may end without having read all.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn n_runs(folder: &Path) -> usize {
    let store = Store::open(folder.join("kept.db")).expect("it can be opened");
    store
        .runs(&RunFilter::default())
        .expect("it can be read")
        .len()
}

#[test]
fn reports_are_taken_from_files_and_from_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("a.tap"), "1..1\nok 1 - placed\n").expect("it can be written");
    fs::write(folder.join("b.info"), "SF:a.c\nDA:1,1\nend_of_record\n").expect("it can be written");
    let taken = mad(folder, &["auto", "a.tap", "b.info"], "");
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    assert!(
        String::from_utf8_lossy(&taken.stdout).contains("of 2 reports"),
        "{taken:?}"
    );
    let input = "<testsuite name='s'><testcase name='t' time='1.5'/></testsuite>";
    let taken = mad(
        folder,
        &[
            "junit",
            "-",
            "--runner",
            "ctest",
            "--cell",
            "browser=firefox",
        ],
        input,
    );
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    assert_eq!(n_runs(folder), 3);
    let store = Store::open(folder.join("kept.db")).expect("it can be opened");
    let runs = store.runs(&RunFilter::default()).expect("it can be read");
    assert_eq!(runs[2].environment.runner, "ctest");
    assert_eq!(runs[2].environment.cell["browser"], "firefox");
}

#[test]
fn one_report_that_is_wrong_leaves_all_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("a.tap"), "1..1\nok 1 - placed\n").expect("it can be written");
    fs::write(folder.join("b.tap"), "1..2\nok 1 - placed\n").expect("it can be written");
    assert_eq!(mad(folder, &["tap", "a.tap"], "").status.code(), Some(0));
    let before = n_runs(folder);
    let refused = mad(folder, &["tap", "a.tap", "b.tap"], "");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(
        said,
        "mad: b.tap: line 1: 2 tests were planned, and there are 1: the report is cut off, or two are in one\n"
    );
    assert_eq!(n_runs(folder), before);
    for wrong in [
        &["auto", "nowhere.xml"],
        &["word", "a.tap"],
        &["criterion", "."],
        &["auto", "Cargo.lock"],
    ] {
        assert_eq!(mad(folder, wrong, "").status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(n_runs(folder), before);
}
