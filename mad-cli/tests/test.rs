//! `mad test` in real projects, with the real runners.

#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod trouble;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mad_store::{Recording, RunFilter, Store, Subject};

struct Project(tempfile::TempDir);

impl Project {
    /// A project in a repository, with one commit.
    fn new(library: &str) -> Self {
        let project = Self(tempfile::tempdir().expect("a folder"));
        project.write(
            "Cargo.toml",
            "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[workspace]\n",
        );
        project.write(
            "Cargo.lock",
            "version = 4\n[[package]]\nname = \"the-shop\"\nversion = \"0.0.0\"\n",
        );
        project.write(".gitignore", "/target\n");
        project.write("src/lib.rs", library);
        project.git(&["init", "--quiet", "--initial-branch=trunk"]);
        project.commit("the first");
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.path()).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
        ]);
        assert!(git.args(arguments).status().expect("git runs").success());
    }

    fn commit(&self, summary: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", summary]);
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).args(arguments);
        for variable in [
            "MAD_STORE",
            "GITHUB_STEP_SUMMARY",
            "GITHUB_ACTIONS",
            "GITHUB_REF_NAME",
            "GITHUB_HEAD_REF",
        ] {
            command.env_remove(variable);
        }
        command
    }

    fn mad(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(env!("CARGO_BIN_EXE_mad"), &[&["test"], arguments].concat());
        command.output().expect("it can be started")
    }

    fn store(&self) -> Store {
        Store::open(self.path().join(".mad/mad.db")).expect("there is a store")
    }

    /// The runs of tests, without those that only measured the sources.
    fn runs(&self) -> Vec<Recording> {
        let store = self.store();
        let runs = store.runs(&RunFilter::default()).expect("it can be read");
        let runs = runs.iter().filter(|run| !run.environment.runner.is_empty());
        runs.map(|run| store.recording(run).expect("it can be read"))
            .collect()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn value(recording: &Recording, subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().expect("a subject");
    let mut samples = recording.samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

const TWO_TESTS: &str = "
    pub fn two() -> u8 { 2 }
    #[test] fn adds() { assert_eq!(two(), 2); }
    #[test] fn doubles() { assert_eq!(2 * two(), 4); }";

#[test]
fn what_was_measured_is_kept_and_compared_with_the_last_run() {
    let project = Project::new(TWO_TESTS);
    let first = project.mad(&["--runner", "libtest"]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    assert!(
        said(&first).contains("mad: 2 tests, 2 passed"),
        "{}",
        said(&first)
    );
    assert!(said(&first).contains("the first run"), "{}", said(&first));
    assert!(project.path().join(".mad/.gitignore").exists());

    project.write(
        "src/lib.rs",
        &TWO_TESTS.replace("assert_eq!(two(), 2)", "assert_eq!(two(), 3)"),
    );
    let second = project.mad(&["--runner", "libtest"]);
    assert_eq!(second.status.code(), Some(101), "{}", said(&second));
    assert!(
        said(&second).contains("mad:   now fails: the-shop adds"),
        "{}",
        said(&second)
    );

    let runs = project.runs();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0].branch.as_deref(), Some("trunk"));
    assert_eq!((runs[0].dirty, runs[1].dirty), (false, true));
    let commit = runs[1].commit.as_ref().expect("there is one");
    assert_eq!(commit.summary, "the first");
    assert_eq!(
        value(&runs[1], "test the-shop adds", "test_passed"),
        Some(0.0)
    );
    assert_eq!(value(&runs[1], "run", "tests_success_ratio"), Some(0.5));
    assert_eq!(value(&runs[1], "run", "dependencies"), Some(0.0));
    assert!(
        runs[1]
            .notes
            .iter()
            .any(|note| note.text.contains("right: 3")),
        "{:?}",
        runs[1].notes
    );

    let store = project.store();
    let all = store.runs(&RunFilter::default()).expect("it can be read");
    let sources = all
        .iter()
        .find(|run| run.environment.runner.is_empty())
        .expect("there are sources");
    let sources = store.recording(sources).expect("it can be read");
    assert_eq!(value(&sources, "run", "source_tests"), Some(2.0));
}

#[test]
fn sources_are_kept_once_for_as_long_as_they_stay_what_they_are() {
    let project = Project::new(TWO_TESTS);
    let n_kept = || {
        let runs = project
            .store()
            .runs(&RunFilter::default())
            .expect("it can be read");
        runs.iter()
            .filter(|run| run.environment.runner.is_empty())
            .count()
    };
    // The first run may change the lock file.
    for _ in 0..2 {
        project.mad(&["--runner", "libtest"]);
    }
    let run = |n_new: usize, said_of_them: &str| {
        let before = n_kept();
        let output = project.mad(&["--runner", "libtest"]);
        assert!(said(&output).contains(said_of_them), "{}", said(&output));
        assert_eq!(n_kept() - before, n_new, "{said_of_them}");
    };
    run(0, "mad: 3 lines of code, 3 functions,");
    project.write("src/more.rs", "fn more() {}");
    run(1, "mad: 4 lines of code (+1), 4 functions (+1),");
    run(0, "mad: 4 lines of code, 4 functions,");
    fs::remove_file(project.path().join("src/more.rs")).expect("it can be removed");
    run(1, "mad: 3 lines of code (-1), 3 functions (-1),");
    run(0, "mad: 3 lines of code, 3 functions,");
    project.git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "the second",
    ]);
    run(1, "mad: 3 lines of code, 3 functions,");
}

/// What the runner writes, without what is another each time: times, numbers of processes, hashes.
fn plain(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let lines = text.lines().filter(|line| !line.starts_with("mad: "));
    let lines =
        lines.filter(|line| !line.contains("Compiling") && !line.contains("Nextest run ID"));
    let lines = lines.filter(|line| !line.contains("Blocking waiting for file lock"));
    let letters = |line: &str| {
        line.chars()
            .filter(|letter| !letter.is_ascii_digit())
            .collect::<String>()
    };
    lines
        .map(|line| letters(line).trim().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn output_and_exit_code_are_the_runners_own() {
    let project = Project::new("#[test] fn fails() { println!(\"this\"); panic!(\"that\"); }");
    let runners = [
        ("libtest", ["test"].as_slice()),
        ("nextest", ["nextest", "run"].as_slice()),
    ];
    for (name, words) in runners {
        let version = Command::new("cargo")
            .args(&words[..1])
            .arg("--version")
            .output();
        if name == "nextest" && !version.is_ok_and(|version| version.status.success()) {
            continue;
        }
        // Built before, so that none of the two runs tells of it.
        project
            .command("cargo", words)
            .arg("--no-run")
            .output()
            .expect("it is built");
        let own = project.command("cargo", words).output().expect("it runs");
        let ours = project.mad(&["--runner", name]);
        assert_ne!(own.status.code(), Some(0));
        assert_eq!(ours.status.code(), own.status.code(), "{name}");
        assert_eq!(plain(&ours.stdout), plain(&own.stdout), "{name}");
        assert_eq!(plain(&ours.stderr), plain(&own.stderr), "{name}");
    }
}

#[test]
fn what_cannot_be_kept_is_a_warning() {
    let project = Project::new(TWO_TESTS);
    project.write(
        "no-store",
        "this is no database, and long enough not to be taken for an empty one",
    );
    let output = project.mad(&["--runner", "libtest", "--store", "no-store"]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("warning: the run could not be kept"),
        "{said}"
    );
    let reasons = said.matches("not a database").count();
    assert_eq!(reasons, 1, "the reason is said once: {said}");
    let kept = fs::read_to_string(project.path().join("no-store")).expect("it is there");
    assert!(kept.starts_with("this is no database"));
}

#[test]
fn dependencies_are_told_of_every_run_and_counted_anew_when_they_change() {
    let project = Project::new(TWO_TESTS);
    let dependencies = || {
        let output = project.mad(&["--runner", "libtest"]);
        let last = project.runs().pop().expect("it is kept");
        value(&last, "run", "dependencies").unwrap_or_else(|| panic!("{}", said(&output)))
    };
    assert_eq!((dependencies(), dependencies()), (0.0, 0.0));
    project.write(
        "helper/Cargo.toml",
        "[package]\nname = \"helper\"\nversion = \"1.0.0\"\n",
    );
    project.write("helper/src/lib.rs", "");
    project.write(
        "Cargo.toml",
        "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[workspace]\nexclude = [\"helper\"]\n[dependencies]\nhelper = { path = \"helper\" }\n",
    );
    assert_eq!((dependencies(), dependencies()), (1.0, 1.0));
}

#[test]
fn a_run_that_does_not_build_is_kept_as_such() {
    let project = Project::new("fn f() -> u8 { \"no\" }");
    let output = project.mad(&["--runner", "libtest"]);
    assert_eq!(output.status.code(), Some(101), "{}", said(&output));
    let runs = project.runs();
    assert_eq!(runs[0].status, mad_store::Status::BuildFailed);
}

#[test]
fn outside_of_any_project_the_runner_has_its_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_mad"))
        .current_dir(folder.path())
        .args(["test", "--runner", "libtest"])
        .output()
        .expect("it can be started");
    assert_eq!(output.status.code(), Some(101), "{}", said(&output));
    assert!(
        said(&output).contains("could not find `Cargo.toml`"),
        "{}",
        said(&output)
    );
    let left = fs::read_dir(folder.path()).expect("it can be read").count();
    assert_eq!(left, 0, "no store is made where there is no project");
}

#[test]
fn of_tests_that_nobody_came_to_none_is_gone() {
    let project = Project::new(TWO_TESTS);
    project.mad(&["--runner", "libtest"]);
    let refused = project.mad(&["--runner", "libtest", "--", "--no-such-flag"]);
    assert!(!refused.status.success());
    assert!(!said(&refused).contains("is gone"), "{}", said(&refused));
    project.write("Cargo.toml", "[package");
    for runner in ["libtest", "nextest"] {
        let broken = project.mad(&["--runner", runner]);
        assert!(!broken.status.success());
        // Without nextest Cargo has another complaint.
        let is_there = !said(&broken).contains("no such command");
        assert!(
            !is_there || said(&broken).contains("mad: 0 tests; build-failed"),
            "{}",
            said(&broken)
        );
    }
}

#[test]
fn cargo_finds_it_too() {
    let project = Project::new(TWO_TESTS);
    let mut command = project.command(
        env!("CARGO_BIN_EXE_cargo-mad"),
        &["mad", "test", "--runner", "libtest"],
    );
    let output = command.output().expect("it can be started");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(project.runs().len(), 1);
}

#[test]
fn each_cell_of_a_matrix_has_its_own_series() {
    let project =
        Project::new("#[cfg(feature = \"broken\")] compile_error!(\"no\"); #[test] fn passes() {}");
    let manifest = "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[features]\nbroken = []\nfast = []\n[workspace]\n";
    project.write("Cargo.toml", manifest);
    let matrix = [
        "--runner",
        "libtest",
        "--matrix",
        "features=none,each",
        "toolchain=no-such-one",
    ];
    let nowhere = project.mad(&matrix);
    assert_eq!(nowhere.status.code(), Some(1), "{}", said(&nowhere));
    assert!(
        said(&nowhere).contains("features=none toolchain=no-such-one: "),
        "{}",
        said(&nowhere)
    );

    let output = project.mad(&matrix[..4]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let runs = project.runs();
    let cells: Vec<_> = runs
        .iter()
        .map(|run| (run.environment.features.as_str(), run.status.word()))
        .collect();
    assert_eq!(
        cells,
        [
            ("none", "complete"),
            ("broken", "build-failed"),
            ("fast", "complete")
        ]
    );
}

#[test]
fn github_is_told_what_failed_and_where() {
    let project = Project::new("#[test] fn fails() { panic!(\"<b>the stock | is empty\") }");
    let mut command = project.command(env!("CARGO_BIN_EXE_mad"), &["test", "--runner", "libtest"]);
    command
        .env("GITHUB_STEP_SUMMARY", project.path().join("summary.md"))
        .env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_REF_NAME", "not-asked-as-git-knows");
    let output = command.output().expect("it can be started");
    assert_eq!(output.status.code(), Some(101), "{}", said(&output));
    let annotation = "::error file=src/lib.rs,line=1,title=the-shop fails::";
    assert!(said(&output).contains(annotation), "{}", said(&output));
    let summary = fs::read_to_string(project.path().join("summary.md")).expect("it is written");
    assert!(
        summary.contains("&lt;b&gt;the stock &#124; is empty"),
        "{summary}"
    );
    assert!(
        summary.starts_with("### Tests (") && summary.contains("1 test, 1 failed"),
        "{summary}"
    );
}

#[cfg(unix)]
#[test]
fn coverage_is_read_by_the_tools_that_the_environment_names() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = Project::new("#[test] fn passes() {}");
    let tool = project.path().join("target/named");
    project.write(
        "target/named",
        "#!/bin/sh\ntest \"$1\" = --version && echo LLVM version 999.0 && exit\necho it is broken >&2\nexit 1\n",
    );
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let mad = env!("CARGO_BIN_EXE_mad");
    let mut mad = project.command(mad, &["test", "--coverage"]);
    mad.env("LLVM_COV", &tool).env("LLVM_PROFDATA", &tool);
    let output = mad.output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = format!("{} failed: it is broken", tool.display());
    assert!(said.contains(&expected), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
}
