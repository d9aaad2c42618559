//! Tests of real projects are run.

mod small;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

use mad_measure::project::Members;
use mad_measure::test_run::{Features, Finished, Plan, Runner, run};
use mad_store::{Status, Subject};
use small::Project;

impl Project {
    fn run(&self, runner: Runner) -> Finished {
        run(&self.plan(runner)).expect("it can be started")
    }
}

const LIBRARY: &str = "
    //! ```
    //! assert!(the_shop::sells());
    //! ```
    pub fn sells() -> bool { true }
    #[cfg(test)]
    mod tests {
        #[test] fn passes() { println!(\"fine\"); }
        #[test] fn fails() { assert_eq!(1 + 1, 3, \"the sum\"); }
        #[test] #[should_panic] fn panics() { panic!(\"as it should\"); }
        #[test] #[ignore = \"later\"] fn is_ignored() {}
    }";

fn runners() -> Vec<Runner> {
    let nextest = Command::new("cargo")
        .args(["nextest", "--version"])
        .output();
    let has_nextest = nextest.is_ok_and(|told| told.status.success());
    if has_nextest {
        vec![Runner::Libtest, Runner::Nextest]
    } else {
        vec![Runner::Libtest]
    }
}

fn value(finished: &Finished, subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().expect("a subject");
    let mut samples = finished.recording.samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

#[test]
fn both_runners_tell_the_same_of_the_same_tests() {
    let project = Project::new(LIBRARY);
    project.write("tests/orders.rs", "#[test] fn are_placed() {}");
    project.write("src/main.rs", "fn main() {} #[test] fn starts() {}");
    for runner in runners() {
        let mut plan = project.plan(runner);
        plan.arguments = vec!["--no-fail-fast".into()];
        let finished = run(&plan).expect("it can be started");
        let recording = &finished.recording;
        assert_eq!(recording.status, Status::Complete, "{}", finished.output);
        assert_ne!(finished.exit_code, Some(0));
        for (name, passed) in [
            ("tests::passes", 1.0),
            ("tests::fails", 0.0),
            ("tests::panics", 1.0),
            ("orders::are_placed", 1.0),
            ("bin/the-shop::starts", 1.0),
        ] {
            let subject = format!("test the-shop {name}");
            assert_eq!(
                value(&finished, &subject, "test_passed"),
                Some(passed),
                "{name} by {runner:?}"
            );
        }
        let doc = value(&finished, "test the-shop doc::src/lib.rs", "test_passed");
        assert_eq!(
            doc.is_some(),
            runner == Runner::Libtest,
            "nextest runs no documentation"
        );
        assert_eq!(
            value(&finished, "test the-shop tests::is_ignored", "test_passed"),
            None
        );
        assert_eq!(value(&finished, "run", "tests_failed"), Some(1.0));
        assert_eq!(value(&finished, "run", "tests_skipped"), Some(1.0));
        let note = recording
            .notes
            .iter()
            .find(|note| note.subject.name == "tests::fails");
        let note = &note.expect("there is a reason").text;
        assert!(
            note.contains("the sum") && note.contains("left: 2"),
            "{note}"
        );
        assert!(!note.contains("stack backtrace"), "{note}");
        assert_eq!(recording.environment.runner, runner.word());
        assert_eq!(recording.environment.profile, "dev");
        assert!(!recording.environment.toolchain.is_empty());
        for metric in ["run_wall_seconds", "build_seconds"] {
            assert!(
                value(&finished, "run", metric).is_some(),
                "{metric} by {runner:?}"
            );
        }
        if cfg!(target_os = "linux") {
            let cpu = value(&finished, "run", "run_cpu_seconds");
            assert!(cpu.is_some_and(|cpu| cpu > 0.0), "{cpu:?}");
        }
    }
}

#[test]
fn what_does_not_build_says_why() {
    let project = Project::new("pub fn f() -> u8 { \"a\" }");
    for runner in runners() {
        let finished = project.run(runner);
        assert_eq!(finished.recording.status, Status::BuildFailed);
        let reason = finished.recording.reason.expect("there is an error");
        assert_eq!(reason, "error[E0308]: mismatched types (src/lib.rs:1:20)");
        assert_eq!(value_count(&finished.recording.samples, "tests"), 0);
    }
}

fn value_count(samples: &[mad_store::Sample], metric: &str) -> usize {
    samples
        .iter()
        .filter(|sample| sample.metric.name == metric)
        .count()
}

#[test]
fn a_project_without_tests_has_none() {
    let project = Project::new("pub fn f() {}");
    for runner in runners() {
        assert_eq!(
            project.run(runner).recording.status,
            Status::NoTests,
            "{runner:?}"
        );
    }
}

#[test]
fn tests_that_abort_are_told_as_far_as_the_runner_can() {
    let project = Project::new(
        "#[test] fn a_passes() {}
         #[test] fn b_aborts() { std::process::abort() }",
    );
    for runner in runners() {
        let mut plan = project.plan(runner);
        plan.variables = vec![("RUST_TEST_THREADS".into(), "1".into())];
        let finished = run(&plan).expect("it can be started");
        let passed = value(&finished, "test the-shop a_passes", "test_passed");
        assert_eq!(passed, Some(1.0), "{}", finished.output);
        match runner {
            Runner::Libtest => assert_eq!(finished.recording.status, Status::Crashed),
            Runner::Nextest => {
                let aborts = value(&finished, "test the-shop b_aborts", "test_passed");
                assert_eq!(aborts, Some(0.0));
            }
        }
    }
}

#[test]
fn what_takes_too_long_is_ended_with_all_that_it_started() {
    let project = Project::new(
        "#[test] fn hangs() {
            let mut child = std::process::Command::new(\"sleep\").arg(\"1000\").spawn().unwrap();
            std::fs::write(\"child\", child.id().to_string()).unwrap();
            child.wait().unwrap();
        }",
    );
    for runner in runners() {
        // Built before, so that the limit is that of the tests.
        let mut plan = project.plan(runner);
        plan.arguments = vec!["--no-run".into()];
        run(&plan).expect("it can be built");
        plan.arguments.clear();
        // A machine that has much to do may not get as far as the test within the first of these.
        let child = [3, 20, 90].into_iter().find_map(|seconds| {
            plan.time_limit = Some(Duration::from_secs(seconds));
            let finished = run(&plan).expect("it can be started");
            assert_eq!(
                finished.recording.status,
                Status::TimedOut,
                "{}",
                finished.output
            );
            fs::read_to_string(project.0.path().join("child")).ok()
        });
        let child = child.expect("the test was started");
        assert!(!is_running(&child), "{child} of {runner:?}");
        fs::remove_file(project.0.path().join("child")).expect("it can be removed");
    }
}

/// A process that has ended and that nobody has taken note of is not running.
fn is_running(process: &str) -> bool {
    let told = fs::read_to_string(Path::new("/proc").join(process).join("stat"));
    told.is_ok_and(|told| !told.contains(") Z "))
}

#[test]
fn who_is_stopped_has_measured_nothing() {
    let project = Project::new("#[test] fn passes() {}");
    let mut plan = project.plan(Runner::Libtest);
    plan.stop = Some(Arc::new(AtomicBool::new(true)));
    let finished = run(&plan).expect("it can be started");
    assert!(finished.is_stopped);
}

#[test]
fn features_and_profile_are_part_of_the_environment() {
    let project = Project::new("#[cfg(feature = \"fast\")] #[test] fn is_fast() {}");
    let mut plan = project.plan(Runner::Libtest);
    plan.features = Features::All;
    plan.profile = Some("release".to_owned());
    let finished = run(&plan).expect("it can be started");
    assert_eq!(
        value(&finished, "test the-shop is_fast", "test_passed"),
        Some(1.0)
    );
    assert_eq!(finished.recording.environment.features, "all");
    assert_eq!(finished.recording.environment.profile, "release");
    assert_eq!(
        finished.recording.command,
        "cargo test --all-features --profile release"
    );
}

/// What Cargo keeps of the compiler, with another version in it, and written so long ago.
fn cargo_keeps(project: &Project, version: &str, age: Duration) {
    let path = project.0.path().join("target/.rustc_info.json");
    let kept = fs::read_to_string(&path).expect("Cargo keeps it");
    let real = installed_compiler();
    fs::write(
        &path,
        kept.replace(&format!("release: {real}"), &format!("release: {version}")),
    )
    .expect("it can be written");
    let file = fs::File::options().write(true).open(&path);
    let file = file.expect("it can be written");
    file.set_modified(SystemTime::now() - age)
        .expect("it is ours");
}

/// What the compiler says itself.
fn installed_compiler() -> String {
    let told = Command::new("rustc").arg("-vV").output();
    let told = String::from_utf8(told.expect("it is installed").stdout).expect("it is text");
    let line = told.lines().find_map(|line| line.strip_prefix("release: "));
    line.expect("it has a version").to_owned()
}

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn the_compiler_is_the_one_that_cargo_built_with() {
    for runner in runners() {
        let project = Project::new(LIBRARY);
        assert_eq!(
            project.run(runner).recording.environment.toolchain,
            installed_compiler()
        );
        // After another compiler, Cargo has more to ask, and writes.
        cargo_keeps(&project, "1.95.999", HOUR);
        project.run(runner);
        cargo_keeps(&project, "1.95.999", HOUR);
        let environment = project.run(runner).recording.environment;
        assert_eq!(environment.toolchain, "1.95.999", "{runner:?}");
        assert!(environment.target.contains('-'), "{}", environment.target);
    }
}

#[test]
fn what_cargo_may_not_have_looked_at_is_not_believed_about_the_compiler() {
    let project = Project::new(LIBRARY);
    let plan = project.plan(Runner::Libtest);
    let toolchain = |plan: &Plan| {
        let finished = run(plan).expect("it can be started");
        finished.recording.environment.toolchain
    };
    toolchain(&plan);
    cargo_keeps(&project, "1.95.999", Duration::ZERO);
    assert_eq!(
        toolchain(&plan),
        installed_compiler(),
        "somebody writes it just now"
    );

    cargo_keeps(&project, "1.95.999", HOUR);
    let mut elsewhere = plan.clone();
    elsewhere.arguments = vec!["--target-dir".into(), "target/other".into()];
    assert_eq!(
        toolchain(&elsewhere),
        installed_compiler(),
        "it builds elsewhere"
    );

    let mut keeps_nothing = plan.clone();
    keeps_nothing.variables = vec![("CARGO_CACHE_RUSTC_INFO".into(), "0".into())];
    assert_eq!(
        toolchain(&keeps_nothing),
        installed_compiler(),
        "Cargo is told not to keep it"
    );

    let path = project.0.path().join("target/.rustc_info.json");
    fs::write(&path, "{\"outputs\": [").expect("it can be written");
    assert_eq!(toolchain(&plan), installed_compiler(), "nobody can read it");

    project.write("src/lib.rs", "pub fn f( {}");
    cargo_keeps(&project, "1.95.999", HOUR);
    assert_eq!(toolchain(&plan), installed_compiler(), "nothing was built");
}

#[test]
fn a_run_has_the_packages_of_the_project() {
    let project = Project::new(LIBRARY);
    let plan = project.plan(Runner::Libtest);
    let finished = run(&plan).expect("it can be started");
    let members = finished.members.expect("it is a project");
    let asked = Members::of(&plan).expect("it is a project");
    assert_eq!(members.basis(&plan), asked.basis(&plan));

    project.write("Cargo.toml", "no manifest");
    let finished = run(&plan).expect("it can be started");
    assert!(finished.members.is_none());
}
