//! Walks through commits that are compiled.

use std::collections::BTreeMap;
use std::path::Path;

use mad_store::{RunFilter, SeriesFilter, Status, Store, SubjectKind};

use crate::project::{Project, argument};
use crate::walks::values;

/// A package.
pub(crate) const MANIFEST: &str =
    "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

/// A repository with a package in it, of which nothing is committed.
pub(crate) fn project() -> Project {
    let project = Project::new();
    project.write("Cargo.toml", MANIFEST);
    project.write(".gitignore", "target\nCargo.lock\n");
    project
}

/// How each test ended at each commit: passed is 1.
pub(crate) fn outcomes(store: &Path) -> BTreeMap<(String, String), f64> {
    let store = Store::open(store).unwrap();
    let filter = SeriesFilter {
        metric: Some("test_passed".to_owned()),
        ..SeriesFilter::default()
    };
    let mut found = BTreeMap::new();
    for series in store.series(&filter).unwrap() {
        for point in store.points(&series).unwrap() {
            found.insert(
                (point.commit.unwrap(), series.subject.name.clone()),
                point.value,
            );
        }
    }
    found
}

/// How the measurement of the tests ended at a commit, and why.
fn status(store: &Path, commit: &str) -> (Status, String) {
    let filter = RunFilter {
        commit: Some(commit.to_owned()),
        ..RunFilter::default()
    };
    let runs = Store::open(store).unwrap().runs(&filter).unwrap();
    let run = runs
        .into_iter()
        .find(|run| run.command.starts_with("mad history: tests"))
        .unwrap();
    (run.status, run.reason.unwrap_or_default())
}

#[test]
fn tests_are_run_at_each_commit_and_sources_measured_even_where_nothing_builds() {
    let mut project = project();
    let library = |answer: &str| {
        format!(
            "pub fn answer() -> u8 {{ {answer} }}\n#[test]\nfn is_right() {{ assert_eq!(answer(), 42); }}\n"
        )
    };
    project.write("src/lib.rs", &library("42"));
    let good = project.commit("good");
    project.write("src/lib.rs", &library("41"));
    let bad = project.commit("bad");
    project.write("src/lib.rs", &library("forty_two"));
    let broken = project.commit("broken");
    project.write("src/lib.rs", &library("{ std::process::abort() }"));
    let aborting = project.commit("aborting");
    project.write(
        "src/lib.rs",
        &library("{ loop { std::hint::spin_loop() } }"),
    );
    let hanging = project.commit("hanging");
    project.write(
        "src/lib.rs",
        "#![deny(warnings)]\nfn nobody_calls_me() {}\n",
    );
    let warning = project.commit("refused by its authors");
    // Long enough for a build on a machine that has other things to do.
    project.mad_prints(&["history", "--try-all", "--time-limit", "60s", "--jobs", "2"]);
    let outcomes = outcomes(&project.store());
    let outcome = |commit: &str| {
        outcomes
            .get(&(commit.to_owned(), "is_right".to_owned()))
            .copied()
    };
    assert_eq!(
        [&good, &bad, &broken].map(|commit| outcome(commit)),
        [Some(1.0), Some(0.0), None]
    );
    assert_eq!(status(&project.store(), &good).0, Status::Complete);
    assert_eq!(status(&project.store(), &bad).0, Status::Complete);
    let (broken_status, reason) = status(&project.store(), &broken);
    assert_eq!(broken_status, Status::BuildFailed);
    assert!(
        reason.contains("error[E0425]") && reason.contains("forty_two"),
        "{reason}"
    );
    assert_eq!(status(&project.store(), &hanging).0, Status::TimedOut);
    assert_eq!(status(&project.store(), &warning).0, Status::NoTests);
    // With a process for each test, as nextest has, one that aborts is one that fails.
    let aborted = status(&project.store(), &aborting).0;
    assert!(
        aborted == Status::Crashed || outcome(&aborting) == Some(0.0),
        "{aborted:?}"
    );

    let store = Store::open(project.store()).unwrap();
    let lines = SeriesFilter {
        metric: Some("source_code_lines".to_owned()),
        kind: Some(SubjectKind::Run),
        ..SeriesFilter::default()
    };
    let series = store.series(&lines).unwrap();
    assert_eq!(store.points(&series[0]).unwrap().len(), 6);
}

/// What is printed comes from the library, from a file that the build script reads without a word to Cargo, and from
/// another package: each a way for Cargo to take what was built of another commit.
#[test]
fn nothing_that_was_built_of_another_commit_is_taken_for_this_one() {
    let mut project = project();
    project.write(
        "Cargo.toml",
        &format!("{MANIFEST}[dependencies]\nother = {{ path = \"other\" }}\n"),
    );
    project.write("other/Cargo.toml", &MANIFEST.replace("shop", "other"));
    project.write(
        "build.rs",
        "fn main() {\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    let data = std::fs::read_to_string(\"data\").unwrap_or(\"0\".into());\n    println!(\"cargo::rustc-env=DATA={}\", data.trim());\n}\n",
    );
    project.write(
        "src/main.rs",
        "fn main() { println!(\"library {}\\ndata {}\\nother {}\", shop::NUMBER, env!(\"DATA\"), other::NUMBER); }\n",
    );
    let mut commits = Vec::new();
    for number in 0..7 {
        let is_odd = number % 2 == 1;
        project.write(
            "src/lib.rs",
            &format!("pub const NUMBER: u32 = {};\n", number / 2),
        );
        project.write(
            "other/src/lib.rs",
            &format!("pub const NUMBER: u32 = {};\n", (number + 1) / 2),
        );
        if is_odd {
            project.write("data", &number.to_string());
        } else if number > 0 {
            project.git(&["rm", "--quiet", "data"]);
        }
        commits.push(project.commit(&number.to_string()));
    }
    // Whoever sets a clock back finds that all was built in the future.
    let clock = "find $CARGO_TARGET_DIR -type f -exec touch -d '+1 hour' {} +";
    let command = format!("number=cargo run --quiet --offline && {clock}");
    project.mad_prints(&["history", "--no-tests", "--cmd", &command]);
    let expected = |of: fn(u32) -> u32| {
        (0..7)
            .map(|number| Some(f64::from(of(number))))
            .collect::<Vec<_>>()
    };
    let found = |name| values(&project.store(), name, &commits[6]);
    assert_eq!(found("number library"), expected(|number| number / 2));
    assert_eq!(found("number other"), expected(|number| number.div_ceil(2)));
    assert_eq!(
        found("number data"),
        expected(|number| if number % 2 == 1 { number } else { 0 })
    );
}

#[test]
fn a_release_is_alike_to_the_tests_unless_code_asks_for_its_version() {
    let mut project = project();
    let address = "#![doc(html_root_url = \"https://docs.rs/shop/0.1.0\")]\n";
    let code =
        "pub fn answer() -> u8 { 42 }\n#[test]\nfn is_right() { assert_eq!(answer(), 42); }\n";
    project.write("src/lib.rs", &format!("{address}{code}"));
    project.commit("code");
    project.write("Cargo.toml", &MANIFEST.replace("0.1.0", "0.1.1"));
    project.write(
        "src/lib.rs",
        &format!("{}{code}", address.replace("0.1.0", "0.1.1")),
    );
    project.write("LICENSE", "Do what you like.\n");
    let release = project.commit("release");
    let tests = ["history", "--runner", "libtest"];
    let printed = project.mad_prints(&tests);
    assert!(
        printed.contains("2 commits: 1 measured, 1 alike"),
        "{printed}"
    );
    assert_eq!(outcomes(&project.store()).len(), 2, "both have the outcome");

    // A command may look at anything.
    let printed = project.mad_prints(&["history", "--no-tests", "--cmd", "n=wc -c < LICENSE"]);
    assert!(
        printed.contains("2 commits: 2 measured, 0 alike"),
        "{printed}"
    );

    let asks = "#[test]\nfn is_old() { assert_eq!(env!(\"CARGO_PKG_VERSION\"), \"0.1.1\"); }\n";
    project.write("src/lib.rs", &format!("{code}{asks}"));
    let old = project.commit("asks");
    project.write("Cargo.toml", &MANIFEST.replace("0.1.0", "0.1.2"));
    let new = project.commit("release");
    let printed = project.mad_prints(&[
        "history",
        &format!("{release}..")[..],
        "--runner",
        "libtest",
    ]);
    assert!(
        printed.contains("2 commits: 2 measured, 0 alike"),
        "{printed}"
    );
    let outcomes = outcomes(&project.store());
    let has_passed = |commit: String| outcomes[&(commit, "is_old".to_owned())] > 0.5;
    assert!(has_passed(old) && !has_passed(new));
}

#[test]
fn benchmarks_and_fuzzers_make_no_difference_to_tests_unless_they_are_named() {
    let mut project = project();
    project.write(
        "src/lib.rs",
        "pub fn answer() -> u8 { 42 }\n#[test]\nfn is_right() { assert_eq!(answer(), 42); }\n",
    );
    project.write(
        "fuzz/Cargo.toml",
        "[package]\nname = \"shop-fuzz\"\n[dependencies]\nshop = { path = \"..\" }\n[workspace]\n",
    );
    project.write("benches/cost.rs", "// 1\n");
    project.commit("code");
    project.write("benches/cost.rs", "// 2\n");
    project.write("fuzz/targets/cost.rs", "// 2\n");
    let newest = project.commit("others");
    let told = |project: &Project, arguments: &[&str]| {
        let words = [&["history", "--runner", "libtest"], arguments].concat();
        let printed = project.mad_prints(&words);
        printed.lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        told(&project, &[]),
        "2 commits: 1 measured, 1 alike, 0 known before"
    );
    // Somebody who names targets may mean the benchmarks.
    assert_eq!(
        told(&project, &["--", "--lib"]),
        "2 commits: 2 measured, 0 alike, 0 known before"
    );
    project.write(
        "tests/reads.rs",
        "#[test]\nfn is_third() { assert!(include_str!(\"../benches/cost.rs\").contains('3')); }\n",
    );
    project.commit("reads");
    project.write("benches/cost.rs", "// 3\n");
    let third = project.commit("third");
    let since = format!("{newest}..");
    assert_eq!(
        told(&project, &[&since]),
        "2 commits: 2 measured, 0 alike, 0 known before"
    );
    let outcomes = outcomes(&project.store());
    let of_it = |commit| outcomes.get(&(commit, "reads::is_third".to_owned()));
    assert_eq!(of_it(third), Some(&1.0));
}

#[test]
fn tests_of_today_are_run_on_code_of_yesterday() {
    let mut project = project();
    let mut commits = Vec::new();
    for answer in [42, 42, 41, 41] {
        project.write(
            "src/lib.rs",
            &format!(
                "pub fn answer() -> u8 {{ {answer} }} // {}\n",
                commits.len()
            ),
        );
        commits.push(project.commit("code"));
    }
    project.write(
        "tests/today.rs",
        "#[test]\nfn is_right() { assert_eq!(shop::answer(), 42); }\n",
    );
    commits.push(project.commit("a test"));
    project.write(
        "tests/unsaved.rs",
        "#[test]\nfn is_small() { assert!(shop::answer() < 42); }\n",
    );
    let overlays = [
        "--overlay",
        "tests/today.rs@HEAD",
        "--overlay",
        "tests/unsaved.rs",
    ];
    project.mad_prints(&[&["history"][..], &overlays, &["--", "--test", "*"]].concat());
    let outcomes = outcomes(&project.store());
    for (index, (commit, right)) in commits.iter().zip([1.0, 1.0, 0.0, 0.0, 0.0]).enumerate() {
        let outcome = |name: &str| outcomes.get(&(commit.clone(), name.to_owned())).copied();
        assert_eq!(
            outcome("today::is_right"),
            Some(right),
            "{index}: {outcomes:?}"
        );
        assert_eq!(outcome("unsaved::is_small"), Some(1.0 - right), "{index}");
    }
    let store = Store::open(project.store()).unwrap();
    let series = store
        .series(&SeriesFilter {
            metric: Some("test_passed".to_owned()),
            ..SeriesFilter::default()
        })
        .unwrap();
    let cells: Vec<_> = series
        .iter()
        .filter_map(|series| series.environment.cell.get("overlay"))
        .collect();
    assert_eq!(
        cells, ["tests/today.rs@HEAD tests/unsaved.rs"; 2],
        "told from what the commits had themselves"
    );
}

#[test]
fn a_probe_measures_commits_whose_own_tests_do_not_build() {
    let mut project = project();
    project.write("tests/old.rs", "extern crate long_gone;\n");
    let mut commits = Vec::new();
    for number in [10, 20, 30] {
        project.write(
            "src/lib.rs",
            &format!("pub fn cost() -> u32 {{ {number} }}\n"),
        );
        commits.push(project.commit("code"));
    }
    let manifest = MANIFEST.replace("shop", "probe");
    let manifest = format!("{manifest}[dependencies]\nshop = {{ path = \"../project\" }}\n");
    project.write("../probe/Cargo.toml", &manifest);
    project.write(
        "../probe/src/main.rs",
        "fn main() { println!(\"{}\", shop::cost()); }\n",
    );
    project.write(
        "../probe/tests/works.rs",
        "#[test]\nfn works() { assert!(shop::cost() > 15); }\n",
    );
    let probe = project.beside("probe");
    project.mad_prints(&[
        "history",
        "--probe",
        argument(&probe),
        "--cmd",
        "cost=cargo run --quiet --offline",
    ]);
    assert_eq!(
        values(&project.store(), "cost", &commits[2]),
        [10.0, 20.0, 30.0].map(Some)
    );
    let outcomes = outcomes(&project.store());
    let found: Vec<_> = commits
        .iter()
        .map(|commit| outcomes[&(commit.clone(), "works::works".to_owned())])
        .collect();
    assert_eq!(found, [0.0, 1.0, 1.0]);
    assert!(!probe.join("target").exists(), "the probe is copied");
}

/// Whoever looks for the test that would have shown it writes several, and is right with the last one.
#[test]
fn a_test_of_today_that_was_written_anew_is_judged_by_itself() {
    let mut project = project();
    let mut commits = Vec::new();
    for number in 0..6 {
        let code = format!("pub fn answer() -> u8 {{ 41 }} // {number}\n");
        project.write("src/lib.rs", &code);
        commits.push(project.commit("code"));
    }
    project.git(&["tag", "v1"]);
    let measure = |answer: u8, range: &[&str]| {
        let test = format!("#[test]\nfn is_right() {{ assert_eq!(shop::answer(), {answer}); }}\n");
        project.write("tests/today.rs", &test);
        let overlay = ["history", "--overlay", "tests/today.rs", "--runner"];
        project.mad_prints(
            &[
                &overlay[..],
                &["libtest"],
                range,
                &["--", "--test", "today"],
            ]
            .concat(),
        );
    };
    measure(41, &[]);
    measure(42, &["--every", "2"]);
    let said = project.mad_prints(&["retro", "--tag", "v1", "--window", "6", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let failing = &said["incidents"][0]["failing"];
    let since = failing[0]["since"].as_str().unwrap();
    assert!(since.starts_with(&commits[1][..12]), "{failing}");
    assert_eq!(failing[0]["passed_at"], serde_json::Value::Null);
    assert_eq!(
        said["in_hindsight"]["rules"][0]["alarms"],
        serde_json::json!([])
    );
}

/// A part of the tests is no sudden loss of all others, and what is optimised is not compared with what is not.
#[test]
fn tests_that_are_run_in_another_way_are_other_series() {
    let mut project = project();
    project.write(
        "tests/one.rs",
        "#[test]\nfn works() { assert_eq!(shop::answer(), 42); }\n",
    );
    project.write(
        "tests/two.rs",
        "#[test]\nfn works() { assert!(cfg!(debug_assertions)); }\n",
    );
    for number in 0..4 {
        let code = format!("pub fn answer() -> u8 {{ 42 }} // {number}\n");
        project.write("src/lib.rs", &code);
        project.commit("code");
    }
    let history = ["history", "--runner", "libtest"];
    project.mad_prints(&[&history[..], &["HEAD~2"]].concat());
    let released = ["HEAD~2..HEAD", "--", "--release", "--test", "two"];
    project.mad_prints(&[&history[..], &released].concat());
    let changes = project.mad_prints(&["changes", "--all", "--json"]);
    let changes: serde_json::Value = serde_json::from_str(&changes).unwrap();
    assert_eq!(
        changes["changes"],
        serde_json::json!([]),
        "nothing has changed"
    );
    let store = Store::open(project.store()).unwrap();
    let tests = SeriesFilter {
        metric: Some("test_passed".to_owned()),
        ..SeriesFilter::default()
    };
    let told: Vec<_> = store
        .series(&tests)
        .unwrap()
        .into_iter()
        .map(|series| {
            let arguments = series.environment.cell.get("arguments").cloned();
            (series.subject.name, series.environment.profile, arguments)
        })
        .collect();
    let of = |name: &str, profile: &str, arguments: Option<&str>| {
        (
            name.to_owned(),
            profile.to_owned(),
            arguments.map(str::to_owned),
        )
    };
    let expected = [
        of("one::works", "dev", None),
        of("two::works", "dev", None),
        of("two::works", "release", Some("--release --test two")),
    ];
    assert_eq!(told, expected);
}
