//! What is measured beside the tests themselves: coverage, lints, dependencies, programs, repetitions, matrices.

mod small;

use std::fs;

use mad_measure::coverage::{CoverageError, Instrumented, tell};
use mad_measure::project::Members;
use mad_measure::test_run::{Features, Runner, run, run_repeatedly};
use mad_measure::{lint, matrix, project};
use mad_store::{Sample, Subject};
use small::Project;

fn value(samples: &[Sample], subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().expect("a subject");
    let mut samples = samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

/// Where LLVM's tools are not there, that is what is said.
#[test]
fn coverage_is_that_of_the_workspaces_own_files() {
    let project = Project::new(
        "pub fn half(is_run: bool) -> u8 {
            if is_run {
                1
            } else {
                2
            }
        }
        pub fn never() {}
        #[test]
        fn runs() {
            assert_eq!(half(true), 1);
        }",
    );
    let instrumented = match Instrumented::of(&project.plan(Runner::Libtest), "") {
        Ok(instrumented) => instrumented,
        Err(error) => {
            assert!(matches!(error, CoverageError::NoTools { .. }), "{error}");
            assert!(error.to_string().contains("llvm-cov"), "{error}");
            return;
        }
    };
    let finished = run(instrumented.plan()).expect("it can be started");
    assert_eq!(finished.exit_code, Some(0), "{}", finished.output);
    let files = instrumented.collect().expect("there are profiles");
    let samples = tell(&files);
    for subject in ["file the-shop src/lib.rs", "run"] {
        let functions = value(&samples, subject, "coverage_functions");
        assert_eq!(functions, Some(3.0), "{files:?}");
        assert_eq!(
            value(&samples, subject, "coverage_covered_functions"),
            Some(2.0)
        );
        let lines = value(&samples, subject, "coverage_line_ratio").expect("there are lines");
        assert!(lines > 0.5 && lines < 1.0, "{lines}");
        assert!(value(&samples, subject, "coverage_region_ratio").is_some());
    }
    assert!(!project.0.path().join("default_0_0.profraw").exists());
}

/// Where valgrind is not there, that is what is said.
#[test]
fn instructions_repeat_and_grow_with_the_work() {
    let project = Project::new(
        "fn sum(n: u64) -> u64 { let mut sum = 0; let mut i = 0; while i < n { sum += i; i += 1; } sum }
        fn outer() -> u64 { sum(10) }
        #[test] fn little() { assert!(outer() > 0); }
        #[test] fn much() { assert!(sum(1_000) > 0); }
        #[test] #[ignore] fn never() {}",
    );
    let measured = match mad_measure::deep::measure(&project.plan(Runner::Libtest)) {
        Ok(measured) => measured,
        Err(error) => {
            assert!(error.to_string().contains("valgrind"), "{error}");
            return;
        }
    };
    assert!(measured.notes.is_empty(), "{:?}", measured.notes);
    let count =
        |test: &str, metric| value(&measured.samples, &format!("test the-shop {test}"), metric);
    let (little, much) = (
        count("little", "test_instructions"),
        count("much", "test_instructions"),
    );
    assert!(
        much > little.map(|little| 10.0 * little),
        "{little:?} {much:?}"
    );
    assert_eq!(count("little", "test_call_depth"), Some(3.0));
    assert_eq!(count("little", "test_calls"), Some(2.0));
    assert_eq!(count("much", "test_call_depth"), Some(2.0));
    assert_eq!(count("never", "test_instructions"), None);
    let again = mad_measure::deep::measure(&project.plan(Runner::Libtest)).expect("it was there");
    assert_eq!(again.samples, measured.samples);
}

#[test]
fn lints_and_formatting_are_counted() {
    let project = Project::new(
        "pub fn f(a: u8)->bool { if a == 1 { return true; } else { return false; } }\n",
    );
    let (samples, failures) = lint::measure(&project.plan(Runner::Libtest));
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        value(&samples, "lint - clippy::needless_bool", "lint_findings"),
        Some(1.0)
    );
    assert_eq!(value(&samples, "run", "unformatted_files"), Some(1.0));
    project.write("src/lib.rs", "pub fn f() -> u8 { \"\" }\n");
    let (samples, _) = lint::measure(&project.plan(Runner::Libtest));
    assert_eq!(value(&samples, "run", "build_errors"), Some(1.0));
}

#[test]
fn dependencies_and_programs_are_told_by_cargo() {
    let project = Project::new("");
    project.write("src/main.rs", "fn main() {}");
    project.write("tests/program.rs", "#[test] fn runs() {}");
    project.write(
        "helper/Cargo.toml",
        "[package]\nname = \"helper\"\nversion = \"1.0.0\"\n",
    );
    project.write("helper/src/lib.rs", "");
    let manifest = "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[workspace]\nexclude = [\"helper\"]\n[dependencies]\nhelper = { path = \"helper\" }\n";
    project.write("Cargo.toml", manifest);
    let finished = run(&project.plan(Runner::Libtest)).expect("it can be started");
    let plan = project.plan(Runner::Libtest);
    let mut samples = project::dependencies(&plan, &finished.recording.environment.target);
    let members = Members::of(&plan).expect("it is a project");
    samples.extend(members.programs(&plan));
    assert_eq!(value(&samples, "run", "dependencies"), Some(1.0));
    assert_eq!(value(&samples, "run", "duplicate_dependencies"), Some(0.0));
    let bytes = value(&samples, "suite the-shop bin/the-shop", "program_bytes");
    let own = fs::metadata(project.0.path().join("target/debug/the-shop"))
        .expect("it is built")
        .len();
    assert_eq!(bytes, u32::try_from(own).ok().map(f64::from));
    assert_eq!(
        members.basis(&plan),
        None,
        "nobody knows when the helper's manifest changes"
    );
}

#[test]
fn what_the_dependencies_depend_on_changes_with_manifests_settings_and_the_lock_file() {
    let project = Project::new("");
    let plan = project.plan(Runner::Libtest);
    run(&plan).expect("it can be started");
    let basis = || Members::of(&plan).and_then(|members| members.basis(&plan));
    let changes = [
        ("src/lib.rs", "fn f() {}", false),
        (
            "Cargo.toml",
            "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[workspace]\n[features]\nfast = []\n",
            true,
        ),
        (".cargo/config.toml", "[build]\nrustflags = []\n", true),
        (
            "Cargo.lock",
            "version = 4\n[[package]]\nname = \"the-shop\"\nversion = \"0.0.0\"\n# more\n",
            true,
        ),
    ];
    for (path, text, is_change) in changes {
        let before = basis();
        assert!(before.is_some());
        project.write(path, text);
        assert_eq!(basis() != before, is_change, "{path}");
    }
}

#[test]
fn a_test_that_fails_only_sometimes_is_flaky() {
    let project = Project::new(
        "#[test] fn every_other_time() {
            let flag = std::path::Path::new(\"flag\");
            if flag.exists() { std::fs::remove_file(flag).unwrap() } else { std::fs::write(flag, \"\").unwrap(); panic!(\"now\") }
        }
        #[test] fn always() {}",
    );
    let finished = run_repeatedly(&project.plan(Runner::Libtest), 4).expect("it can be started");
    let samples = &finished.recording.samples;
    assert_eq!(
        value(samples, "test the-shop every_other_time", "test_flaky"),
        Some(1.0)
    );
    assert_eq!(
        value(samples, "test the-shop every_other_time", "test_retries"),
        Some(2.0)
    );
    assert_eq!(value(samples, "test the-shop always", "test_flaky"), None);
    assert_eq!(value(samples, "run", "tests_flaky"), Some(1.0));
    assert_eq!(finished.exit_code, Some(101), "one of the runs failed");
    let wall = samples
        .iter()
        .find(|sample| sample.metric.name == "run_wall_seconds");
    assert_eq!(wall.map(|wall| wall.count), Some(4));
}

#[test]
fn a_matrix_has_each_feature_and_only_toolchains_that_are_there() {
    let project = Project::new("");
    let dimensions = ["features=each,all,fast+loud", "toolchain=no-such-one"]
        .map(|text| text.parse().expect("it is one"));
    let cells = matrix::cells(&project.plan(Runner::Libtest), &dimensions[..1]);
    let features: Vec<_> = cells
        .iter()
        .map(|cell| cell.plan.as_ref().expect("it can run").features.clone())
        .collect();
    let only =
        |names: &[&str]| Features::Only(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(
        features,
        [
            only(&["fast"]),
            only(&["loud"]),
            Features::All,
            only(&["fast", "loud"])
        ]
    );
    for cell in matrix::cells(&project.plan(Runner::Libtest), &dimensions) {
        assert!(cell.plan.is_err(), "{}", cell.name);
    }
    for wrong in [
        "features",
        "profile=",
        "colour=red",
        "toolchain=stable,,nightly",
    ] {
        assert!(wrong.parse::<matrix::Dimension>().is_err(), "{wrong}");
    }
}
