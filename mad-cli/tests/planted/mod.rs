//! A repository with a history of measurements whose truth is known.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use mad_store::{
    Commit, Direction, Environment, Metric, MetricKind, Recording, Sample, Store, Subject,
    SubjectKind,
};

/// The day on which all histories begin, and how far apart commits are.
pub(crate) const BEGIN: i64 = 1_699_999_200;
pub(crate) const APART: i64 = 6 * 3_600;

/// A repository of so many commits in a line, and a store.
pub(crate) struct Planted {
    folder: tempfile::TempDir,
    pub(crate) commits: Vec<Commit>,
    store: Store,
}

impl Planted {
    pub(crate) fn with_commits(count: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        git(
            folder.path(),
            &["init", "--quiet", "--initial-branch=trunk"],
        );
        import(folder.path(), count);
        git(folder.path(), &["reset", "--quiet", "--hard", "trunk"]);
        let said = git(folder.path(), &["rev-list", "--reverse", "trunk"]);
        let mut parent = None;
        let commits = said.lines().zip(0..).map(|(id, index)| Commit {
            id: id.to_owned(),
            parent: parent.replace(id.to_owned()),
            committed_at: BEGIN + APART * index,
            summary: format!("change number {index}"),
        });
        let commits = commits.collect();
        std::fs::create_dir(folder.path().join(".mad")).expect("a folder");
        let store = Store::open(folder.path().join(".mad/mad.db")).expect("a store");
        Self {
            folder,
            commits,
            store,
        }
    }

    /// A large history: 200 tests at 1,000 commits, of which a quarter became slower at some time, and an incident.
    pub(crate) fn with_a_thousand_commits() -> Self {
        let mut planted = Self::with_commits(1_000);
        let value = |seed: usize| {
            move |index| {
                let is_slower = index > 400 + seed && seed.is_multiple_of(4);
                let level = if is_slower { 1.1 } else { 1.0 };
                Some(level + 0.03 * noise(index, seed))
            }
        };
        let values: Vec<_> = (0..200).map(value).collect();
        let things = (0..200).zip(&values).map(|(number, value)| {
            let name = format!("module_{}::test_{number}", number % 9);
            duration(&name, value)
        });
        let things: Vec<Thing<'_>> = things.collect();
        planted.measure(&Environment::default(), &things);
        planted.tag("v1", 480);
        planted.tag("v2", 560);
        planted.write(
            "incidents.toml",
            "[[incident]]\nid = \"slow\"\ntitle = \"slow\"\nbegan = 2024-06-01T00:00:00Z\ntag = \"v2\"\n",
        );
        planted
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Measures at each commit what these functions of its place say, if anything.
    pub(crate) fn measure(&mut self, environment: &Environment, things: &[Thing<'_>]) {
        let recordings = self.commits.iter().enumerate().map(|(index, commit)| {
            let mut recording = Recording::new(environment.clone(), 1_000 * commit.committed_at);
            recording.commit = Some(commit.clone());
            let samples = things.iter().filter_map(|thing| {
                let value = (thing.value)(index)?;
                Some(Sample::new(
                    thing.subject.clone(),
                    thing.metric.clone(),
                    value,
                ))
            });
            recording.samples = samples.collect();
            recording
        });
        let recordings: Vec<_> = recordings.filter(|one| !one.samples.is_empty()).collect();
        self.store.record_all(&recordings).expect("they are kept");
    }

    pub(crate) fn tag(&self, name: &str, index: usize) {
        git(self.path(), &["tag", name, &self.commits[index].id]);
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("it can be written");
    }

    /// Asks `mad` there.
    pub(crate) fn mad(&self, arguments: &[&str]) -> Output {
        let mut mad = Command::new(env!("CARGO_BIN_EXE_mad"));
        mad.args(arguments).current_dir(self.path());
        mad.env_remove("MAD_STORE").output().expect("it runs")
    }

    /// Returns what it says, if it ends with this code.
    #[track_caller]
    pub(crate) fn says(&self, arguments: &[&str], code: i32) -> String {
        let output = self.mad(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{said}{complaint}");
        said.into_owned() + &complaint
    }
}

/// Something that is measured.
pub(crate) struct Thing<'a> {
    pub(crate) subject: Subject,
    pub(crate) metric: Metric,
    pub(crate) value: &'a dyn Fn(usize) -> Option<f64>,
}

pub(crate) fn duration<'a>(test: &str, value: &'a dyn Fn(usize) -> Option<f64>) -> Thing<'a> {
    Thing {
        subject: Subject::new(SubjectKind::Test, "shop", test),
        metric: Metric::new(
            "test_duration_seconds",
            "seconds",
            MetricKind::Noisy,
            Direction::Lower,
        ),
        value,
    }
}

pub(crate) fn count<'a>(metric: &str, value: &'a dyn Fn(usize) -> Option<f64>) -> Thing<'a> {
    Thing {
        subject: Subject::run(),
        metric: Metric::new(metric, "", MetricKind::Exact, Direction::Lower),
        value,
    }
}

pub(crate) fn outcome<'a>(test: &str, value: &'a dyn Fn(usize) -> Option<f64>) -> Thing<'a> {
    Thing {
        subject: Subject::new(SubjectKind::Test, "shop", test),
        metric: Metric::new("test_passed", "", MetricKind::Outcome, Direction::Higher),
        value,
    }
}

/// Noise that is the same each time, between -1 and 1.
pub(crate) fn noise(index: usize, seed: usize) -> f64 {
    let mixed = (index * 7_919 + seed * 104_729 + 12_345).wrapping_mul(2_654_435_761) % 20_011;
    f64::from(u32::try_from(mixed).expect("it is small")) / 10_005.0 - 1.0
}

fn import(folder: &Path, count: usize) {
    let mut stream = String::new();
    for index in 0..count {
        let at = BEGIN + APART * i64::try_from(index).expect("it is small");
        let text = "line\n".repeat(1 + index * 7 % 23);
        let message = format!("change number {index}");
        _ = write!(
            stream,
            "commit refs/heads/trunk\ncommitter A <a@example.com> {at} +0000\ndata {}\n{message}\nM 100644 inline src/{}.rs\ndata {}\n{text}\n",
            message.len(),
            index % 17,
            text.len(),
        );
    }
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git runs");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(stream.as_bytes()).expect("git reads");
    drop(input);
    assert!(child.wait().expect("git ends").success());
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    let output = git
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
