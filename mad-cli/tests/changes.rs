//! `mad changes` and `mad bless`, in repositories whose truth is known.

#![expect(
    clippy::unnecessary_wraps,
    reason = "what is not measured everywhere is an option"
)]

mod planted;

use mad_store::{Environment, Subject, SubjectKind};
use planted::{Planted, count, duration, noise, outcome};

fn slower(index: usize) -> Option<f64> {
    let level = if index < 40 { 0.2 } else { 0.23 };
    Some(level * (1.0 + 0.02 * noise(index, 1)))
}

fn steady(index: usize) -> Option<f64> {
    Some(0.1 * (1.0 + 0.05 * noise(index, 2)))
}

/// Measured at every third commit only.
fn complexity(index: usize) -> Option<f64> {
    index
        .is_multiple_of(3)
        .then_some(if index < 50 { 1_000.0 } else { 1_080.0 })
}

fn breaks(index: usize) -> Option<f64> {
    Some(if (20..25).contains(&index) { 0.0 } else { 1.0 })
}

fn project() -> Planted {
    let mut planted = Planted::with_commits(80);
    planted.measure(
        &Environment::default(),
        &[
            duration("orders", &slower),
            duration("basket", &steady),
            count("source_cognitive_complexity", &complexity),
            outcome("orders", &breaks),
        ],
    );
    planted
}

#[test]
fn of_several_packages_the_one_is_named_in_which_something_happened() {
    let mut planted = Planted::with_commits(80);
    let comes = |index: usize| Some(if index < 40 { 0.0 } else { 1.0 });
    let none = |_: usize| Some(0.0);
    let mut all = vec![count("source_unsafe", &comes)];
    for (name, value) in [
        ("a", &comes as &dyn Fn(usize) -> Option<f64>),
        ("b", &none),
        ("c", &none),
    ] {
        let mut of_package = count("source_unsafe", value);
        of_package.subject = Subject::new(SubjectKind::Package, name, "");
        all.push(of_package);
    }
    planted.measure(&Environment::default(), &all);
    let said = planted.says(&["changes"], 0);
    assert!(said.contains("run source_unsafe"), "{said}");
    assert!(said.contains("package a source_unsafe"), "{said}");
}

#[test]
fn changes_are_told_with_the_commits_that_may_have_made_them() {
    let planted = project();
    let said = planted.says(&["changes"], 0);
    let id = |index: usize| &planted.commits[index].id[..12];
    assert!(
        said.contains("test shop orders test_duration_seconds"),
        "{said}"
    );
    assert!(
        said.contains(&format!("{} change number 40", id(40))),
        "{said}"
    );
    let range = format!(
        "one of 3 commits {}^..{}, seen at {}",
        id(49),
        id(51),
        id(51)
    );
    assert!(
        said.contains("+8.0 %  run source_cognitive_complexity"),
        "{said}"
    );
    assert!(said.contains(&range), "{said}");
    assert!(
        said.contains("fails from here on  test shop orders test_passed"),
        "{said}"
    );
    assert!(
        !said.contains("passes from here on"),
        "that is good news: {said}"
    );
    assert!(!said.contains("basket"), "{said}");
    assert!(
        said.contains("4 series along 80 commits, 4 judged, 0 too short; 4 changes, 1 not shown"),
        "{said}"
    );
    assert!(
        planted
            .says(&["changes", "--all"], 0)
            .contains("passes from here on")
    );
}

/// As slow as before, but less and less to be relied on.
fn restless(index: usize) -> Option<f64> {
    let deviation = if index < 50 { 0.01 } else { 0.05 };
    Some(0.2 * (1.0 + deviation * noise(index, 7)))
}

#[test]
fn a_number_that_becomes_restless_is_told_as_such() {
    let mut planted = Planted::with_commits(100);
    let things = [duration("orders", &restless), duration("basket", &steady)];
    planted.measure(&Environment::default(), &things);
    let said = planted.says(&["changes"], 0);
    assert!(said.starts_with("worse    spread "), "{said}");
    assert!(said.contains(" times as wide ("), "{said}");
    assert!(
        said.contains("one of ") && said.contains("1 changes, 0 not shown"),
        "{said}"
    );
    let document = planted.says(&["changes", "--json"], 0);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["changes"], serde_json::json!([]));
    let change = &document["spreads"][0];
    assert_eq!(change["shape"], "spread");
    let factor = change["relative"]["value"].as_f64().unwrap() + 1.0;
    assert!((3.0..8.0).contains(&factor), "{change}");
    let commits = change["commits"].as_array().unwrap();
    let is_it = |commit: &serde_json::Value| commit["id"] == *planted.commits[50].id;
    assert!(commits.iter().any(is_it), "{change}");

    let series = "test shop orders test_duration_seconds";
    let commit = planted.commits[50].id.clone();
    let bless = ["bless", &commit, series, "-m", "it asks a network now"];
    planted.says(&bless, 0);
    let said = planted.says(&["changes"], 0);
    assert!(
        said.contains("1 changes, 0 not shown"),
        "a step was accepted: {said}"
    );
    planted.says(&[&bless[..], &["--spread"]].concat(), 0);
    let said = planted.says(&["changes"], 0);
    assert!(said.contains("1 changes, 1 not shown"), "{said}");
}

/// Of an overlay the last version counts; of anything else, a version is a cell as any other.
#[test]
fn two_versions_of_what_was_tested_against_are_two_series() {
    let mut planted = Planted::with_commits(80);
    for version in ["14", "15"] {
        let mut environment = Environment::default();
        environment
            .cell
            .insert("version".to_owned(), version.to_owned());
        planted.measure(&environment, &[duration("orders", &slower)]);
    }
    let said = planted.says(&["changes"], 0);
    assert!(
        said.contains("version=14") && said.contains("version=15"),
        "{said}"
    );
}

#[test]
fn what_a_project_and_its_only_package_have_in_common_is_told_once() {
    let mut planted = project();
    let mut of_package = count("source_cognitive_complexity", &complexity);
    of_package.subject = Subject::new(SubjectKind::Package, "shop", "");
    planted.measure(&Environment::default(), &[of_package]);
    let said = planted.says(&["changes"], 0);
    assert!(said.contains("run source_cognitive_complexity"), "{said}");
    assert!(!said.contains("package"), "{said}");
    assert!(said.contains("5 changes, 2 not shown"), "{said}");
    let said = planted.says(&["changes", "--all"], 0);
    assert!(said.contains("package shop"), "{said}");
    let newer = [
        "gate",
        &planted.commits[60].id,
        "--base",
        &planted.commits[45].id,
    ];
    let said = planted.says(&newer, 0);
    assert!(said.contains("1 changes for the worse"), "{said}");
}

#[test]
fn nothing_later_than_a_revision_is_looked_at() {
    let planted = project();
    let said = planted.says(&["changes", &planted.commits[30].id], 0);
    assert!(
        said.contains("along 31 commits") && !said.contains("duration"),
        "{said}"
    );
}

#[test]
fn a_change_that_was_accepted_is_told_no_more() {
    let planted = project();
    let series = "test shop orders test_duration_seconds";
    let commit = planted.commits[40].id.clone();
    planted.says(
        &["bless", &commit, series, "-m", "orders are \"signed\" now"],
        0,
    );
    let said = planted.says(&["changes", "--metric", "test_duration_seconds"], 0);
    assert!(said.contains("1 changes, 1 not shown"), "{said}");
    let said = planted.says(&["changes", "--all"], 0);
    assert!(
        said.contains("accepted: orders are \"signed\" now"),
        "{said}"
    );
    planted.says(&["bless", "HEAD", series, "-m", "another"], 0);
    let file = std::fs::read_to_string(planted.path().join("mad-blessed.toml")).unwrap();
    assert_eq!(file.matches("[[blessed]]").count(), 2, "{file}");
    assert!(file.starts_with("# Changes that were looked at"), "{file}");
}

#[test]
fn what_makes_no_sense_is_not_accepted() {
    let planted = project();
    let series = "test shop orders test_duration_seconds";
    let said = planted.says(&["bless", "nowhere", series, "-m", "why"], 2);
    assert!(said.contains("there is no commit `nowhere`"), "{said}");
    let said = planted.says(&["bless", "HEAD", "test shop order", "-m", "why"], 2);
    assert!(
        said.contains("there is no series `test shop order`"),
        "{said}"
    );
    planted.says(&["bless", "HEAD", series, "-m", " "], 2);
    planted.write("mad-blessed.toml", "[[blessed]]\ncomit = 1\n");
    let said = planted.says(&["changes"], 2);
    assert!(
        said.contains("mad-blessed.toml is not as `mad bless` writes it"),
        "{said}"
    );
}

#[test]
fn programs_read_json() {
    let planted = project();
    let said = planted.says(&["changes", "--json", "--least", "10"], 0);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["series"], &said["judged"]), (&4.into(), &4.into()));
    let changes = said["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{changes:#?}");
    let change = &changes[0];
    assert_eq!(change["series"], "test shop orders test_duration_seconds");
    assert_eq!(
        (&change["shape"], &change["news"]),
        (&"step".into(), &"worse".into())
    );
    assert_eq!(change["commits"][0]["summary"], "change number 40");
    let low = change["relative"]["low"].as_f64().unwrap();
    assert!((0.1..0.15).contains(&low), "{change:#?}");
    assert!(change["q"].as_f64().unwrap() < 0.001);
}
