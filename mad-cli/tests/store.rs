//! `mad store`, as somebody types it.

use std::path::Path;
use std::process::{Command, Output};

use mad_store::{
    Commit, Direction, Environment, Metric, MetricKind, Note, Recording, Sample, Store, Subject,
    SubjectKind,
};

/// A folder that is a repository, as far as finding it goes, with a store in it.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    std::fs::create_dir_all(folder.path().join(".mad")).unwrap();
    std::fs::create_dir_all(folder.path().join("src")).unwrap();
    let mut store = Store::open(folder.path().join(".mad/mad.db")).unwrap();
    for (at, name, passed) in [
        (1_000, "orders, \"old\"", 1.0),
        (2_000, "orders", 1.0),
        (3_000, "orders", 0.0),
    ] {
        store.record(&recording(at, name, passed)).unwrap();
    }
    folder
}

fn recording(at: i64, name: &str, passed: f64) -> Recording {
    let test = Subject::new(SubjectKind::Test, "shop", name);
    let metric = Metric::new("test_passed", "", MetricKind::Outcome, Direction::Higher);
    let mut recording = Recording::new(Environment::default(), at);
    recording.commit = Some(Commit {
        id: format!("{at:040}"),
        parent: None,
        committed_at: at / 1_000,
        summary: "a change".to_owned(),
    });
    recording
        .samples
        .push(Sample::new(test.clone(), metric, passed));
    if passed == 0.0 {
        recording.notes.push(Note {
            subject: test,
            text: "assertion failed\nleft: 1".to_owned(),
        });
    }
    recording
}

fn mad(folder: &Path, arguments: &[&str]) -> Output {
    let mut mad = Command::new(env!("CARGO_BIN_EXE_mad"));
    mad.arg("store")
        .args(arguments)
        .current_dir(folder)
        .env_remove("MAD_STORE")
        .output()
        .unwrap()
}

#[track_caller]
fn says(output: &Output, status: i32) -> String {
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &complaint
}

#[test]
fn the_store_is_found_from_anywhere_in_the_repository() {
    let project = project();
    let said = says(&mad(&project.path().join("src"), &["series"]), 0);
    assert!(
        said.contains("test shop orders  test_passed  (anywhere): 2 points, now 0"),
        "{said}"
    );
    let said = says(&mad(project.path(), &["check"]), 0);
    assert!(
        said.contains("3 runs, 3 commits, 2 series: all of it can be read"),
        "{said}"
    );
}

#[test]
fn a_history_goes_on_under_a_new_name_and_shows_what_changed() {
    let project = project();
    let said = says(&mad(project.path(), &["alias", "--suggest"]), 0);
    assert!(
        !said.contains("alike"),
        "{said}: a name that was in quotes is not alike enough"
    );
    says(
        &mad(
            project.path(),
            &["alias", "test shop orders, \"old\"", "test shop orders"],
        ),
        0,
    );
    let said = says(&mad(project.path(), &["show", "test shop orders"]), 0);
    assert_eq!(said.matches("000000000000").count(), 2, "{said}");
    assert!(said.contains("newest: assertion failed left: 1"), "{said}");
    let said = says(&mad(project.path(), &["alias"]), 0);
    assert_eq!(said, "test shop orders, \"old\" -> test shop orders\n");
    says(
        &mad(
            project.path(),
            &["alias", "--remove", "test shop orders, \"old\""],
        ),
        0,
    );
    says(
        &mad(
            project.path(),
            &["alias", "--remove", "test shop orders, \"old\""],
        ),
        1,
    );
}

#[test]
fn what_is_exported_can_be_imported_and_merged() {
    let (project, empty) = (project(), tempfile::tempdir().unwrap());
    let lines = project.path().join("all.json");
    says(
        &mad(project.path(), &["export", "-o", lines.to_str().unwrap()]),
        0,
    );
    let other = empty.path().join("other.db");
    let other = other.to_str().unwrap();
    says(
        &mad(
            project.path(),
            &["import", lines.to_str().unwrap(), "--store", other],
        ),
        0,
    );
    let again = says(&mad(project.path(), &["export", "--store", other]), 0);
    assert_eq!(again, std::fs::read_to_string(&lines).unwrap());
    let said = says(&mad(project.path(), &["merge", other]), 0);
    assert!(said.contains("0 new runs, 3 were there already"), "{said}");
}

#[test]
fn a_line_that_cannot_be_read_takes_nothing_in() {
    let project = project();
    let lines = project.path().join("all.json");
    let whole = says(&mad(project.path(), &["export"]), 0);
    std::fs::write(&lines, format!("{whole}{{\"key\": 3}}\n")).unwrap();
    let other = project.path().join("other.db");
    let output = mad(
        project.path(),
        &[
            "import",
            lines.to_str().unwrap(),
            "--store",
            other.to_str().unwrap(),
        ],
    );
    let said = says(&output, 2);
    assert!(
        said.contains("all.json:4:") && said.contains("nothing was taken in"),
        "{said}"
    );
    assert!(!other.exists());
}

#[test]
fn a_history_has_the_order_of_commits_and_not_of_measurements() {
    let project = project();
    let mut store = Store::open(project.path().join(".mad/mad.db")).unwrap();
    // The newest was measured first, and its clock was wrong.
    for (at, id, parent) in [
        (50_000, "c3", "b2"),
        (51_000, "a1", ""),
        (52_000, "b2", "a1"),
    ] {
        let mut recording = recording(at, "stock", 1.0);
        recording.commit = Some(Commit {
            id: id.to_owned(),
            parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
            committed_at: if id == "c3" { 1 } else { at },
            summary: String::new(),
        });
        store.record(&recording).unwrap();
    }
    let said = says(
        &mad(project.path(), &["show", "--all", "test shop stock"]),
        0,
    );
    let commits: Vec<_> = said.lines().skip(1).map(|line| &line[2..4]).collect();
    assert_eq!(commits, ["a1", "b2", "c3"], "{said}");
}

#[test]
fn csv_has_a_sample_on_each_line_and_quotes_what_needs_it() {
    let project = project();
    let said = says(&mad(project.path(), &["export", "--format", "csv"]), 0);
    let mut rows = csv::Reader::from_reader(said.as_bytes());
    let subject = rows
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "subject")
        .unwrap();
    let subjects: Vec<_> = rows
        .records()
        .map(|row| row.unwrap()[subject].to_owned())
        .collect();
    assert_eq!(subjects, ["orders, \"old\"", "orders", "orders"]);
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_whoever_reads() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["check"][..],
        &["series"],
        &["export"],
        &["prune", "--thin", "1"],
        &["alias", "--suggest"],
    ] {
        let said = says(&mad(folder.path(), arguments), 2);
        assert!(
            said.contains("there is no store at"),
            "{arguments:?}: {said}"
        );
    }
    let said = says(&mad(folder.path(), &["merge", "mistyped.db"]), 2);
    assert!(said.contains("there is no store at mistyped.db"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_old_takes_less_room() {
    let project = project();
    let said = says(
        &mad(
            project.path(),
            &["prune", "--thin", "1", "--forget", "36500"],
        ),
        0,
    );
    assert!(
        said.contains("0 runs removed")
            && said.contains("3 runs that were older than 1 days are 3 now"),
        "{said}"
    );
    let said = says(&mad(project.path(), &["prune", "--forget", "1"]), 0);
    assert!(said.contains("3 runs removed"), "{said}");
    let said = says(&mad(project.path(), &["prune"]), 2);
    assert!(said.contains("--thin"), "{said}");
}
