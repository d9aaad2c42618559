//! The page that `mad report` writes, in a real Chromium.

use std::path::Path;
use std::process::Command;

use mad_store::{
    Commit, Direction, Environment, Metric, MetricKind, Recording, Sample, Store, Subject,
    SubjectKind,
};
use tests::{Browser, Screen};

const COMMITS: i64 = 40;

/// A repository in which orders became slower, a test is flaky, and something went wrong later.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(
        folder.path(),
        &["init", "--quiet", "--initial-branch=trunk"],
    );
    for index in 0..COMMITS {
        let message = format!("change number {index}");
        git(
            folder.path(),
            &["commit", "--quiet", "--allow-empty", "--message", &message],
        );
    }
    git(folder.path(), &["tag", "v1", "HEAD~20"]);
    git(folder.path(), &["tag", "v2", "HEAD~5"]);
    let ids = git(folder.path(), &["rev-list", "--reverse", "HEAD"]);
    let mut store = Store::open(folder.path().join("mad.db")).unwrap();
    for (index, id) in (0..COMMITS).zip(ids.lines()) {
        store.record(&recording(index, id)).unwrap();
    }
    std::fs::write(
        folder.path().join("incidents.toml"),
        "[[incident]]\nid = \"slow\"\ntitle = \"Orders were slow\"\nbegan = 2030-01-01T00:00:00Z\ntag = \"v2\"\n",
    )
    .unwrap();
    folder
}

fn recording(index: i64, id: &str) -> Recording {
    let mut recording = Recording::new(Environment::default(), 1_000 * index);
    recording.commit = Some(Commit {
        id: id.to_owned(),
        parent: None,
        committed_at: index,
        summary: String::new(),
    });
    let instructions = Metric::new("instructions", "", MetricKind::Exact, Direction::Lower);
    let passed = Metric::new("test_passed", "", MetricKind::Outcome, Direction::Higher);
    let orders = Subject::new(SubjectKind::Benchmark, "shop", "orders");
    let test = Subject::new(SubjectKind::Test, "shop", "sometimes");
    let level = if index < 30 { 1_000.0 } else { 1_100.0 };
    let outcome = if index % 5 == 2 { 0.0 } else { 1.0 };
    recording.samples = vec![
        Sample::new(orders, instructions, level),
        Sample::new(test, passed, outcome),
    ];
    recording
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]);
    let output = git.args(arguments).current_dir(folder).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_report_opens_without_network_and_script_and_is_read_by_everybody() {
    let project = project();
    let report = tests::mad()
        .args(["report", "--store", "mad.db"])
        .current_dir(project.path())
        .output()
        .unwrap();
    assert!(
        report.status.success(),
        "{}",
        String::from_utf8_lossy(&report.stderr)
    );

    let browser = Browser::start();
    let page = project.path().join("mad-report.html");
    browser.open(&format!("file://{}", page.display()));
    browser.shows("h1", "what was measured");
    browser.shows("#changes + div", "benchmark shop orders instructions");
    browser.shows("#changes + div", "+10.0 %");
    browser.shows("#incidents + ul", "Before slow, 1 series had changed");
    browser.shows("#tests + div", "test shop sometimes");
    let is_drawn = "return document.querySelector('svg .d').getBoundingClientRect().width > 100";
    assert_eq!(browser.run(is_drawn), true);
    for screen in [Screen::DESK, Screen::DARK_DESK, Screen::PHONE] {
        browser.show_on(screen);
        assert_eq!(browser.accessibility_violations(), [""; 0], "{screen:?}");
        let is_too_wide = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(browser.run(is_too_wide), false, "{screen:?}");
    }
    let asked = "return performance.getEntriesByType('resource').length";
    assert_eq!(browser.run(asked), 0, "nothing is asked of anybody");
    assert_eq!(browser.errors(), [""; 0]);
}
