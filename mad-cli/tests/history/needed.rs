//! What is built for the tests of a commit: no more than they need, and dependencies once for all workers.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use crate::cargo_projects::{MANIFEST, outcomes, project};
use crate::project::{Project, argument};

/// Writes a package beside a project, with more in its manifest than its name, and its code.
fn dependency(project: &Project, name: &str, more: &str, code: &str) -> PathBuf {
    let folder = project.beside(name);
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{more}");
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/lib.rs"), code).unwrap();
    folder
}

/// What one worker built of them is there for the other, too, also where later commits have others: a build script of a
/// dependency runs once.
#[test]
fn dependencies_are_not_built_by_each_worker() {
    let mut project = project();
    let log = project.beside("log");
    for (name, numbers) in [("younger", 0..4), ("older", 4..8)] {
        let dependency = dependency(&project, name, "", "");
        let script = format!(
            "use std::io::Write;\nfn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    \
                let mut log = std::fs::OpenOptions::new().create(true).append(true).open({log:?}).unwrap();\n    \
                writeln!(log, \"{name}\").unwrap();\n}}\n"
        );
        std::fs::write(dependency.join("build.rs"), script).unwrap();
        let needs = format!("[dependencies]\n{name} = {{ path = {dependency:?} }}\n");
        project.write("Cargo.toml", &format!("{MANIFEST}{needs}"));
        for number in numbers {
            project.write(
                "src/lib.rs",
                &format!("#[test]\nfn is_small() {{ assert!({number} < 6); }}\n"),
            );
            project.commit("number");
        }
    }
    project.mad_prints(&["history", "--runner", "libtest", "--jobs", "2"]);
    let outcomes = outcomes(&project.store());
    let n_passed = outcomes.values().filter(|passed| **passed > 0.5).count();
    assert_eq!((outcomes.len(), n_passed), (8, 6));
    let built = std::fs::read_to_string(log).unwrap();
    let mut built: Vec<_> = built.lines().collect();
    built.sort_unstable();
    assert_eq!(built, ["older", "younger"]);
}

#[test]
fn what_was_built_is_thrown_away_where_it_takes_too_much() {
    let mut project = project();
    let dependency = dependency(&project, "needed", "", "");
    let log = project.beside("log");
    let script = format!(
        "fn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    \
            use std::io::Write;\n    let mut log = std::fs::OpenOptions::new();\n    \
            writeln!(log.create(true).append(true).open({log:?}).unwrap(), \"built\").unwrap();\n}}\n"
    );
    std::fs::write(dependency.join("build.rs"), script).unwrap();
    let needs = format!("[dependencies]\nneeded = {{ path = {dependency:?} }}\n");
    project.write("Cargo.toml", &format!("{MANIFEST}{needs}"));
    for number in 0..3 {
        project.write(
            "src/lib.rs",
            &format!("#[test]\nfn is_small() {{ assert!({number} < 2); }}\n"),
        );
        project.commit("number");
    }
    let n_built = |store: &str, disk: &str| {
        _ = std::fs::remove_file(&log);
        let store = project.beside(store);
        project.mad_prints(&[
            "history",
            "--runner",
            "libtest",
            "--store",
            argument(&store),
            "--disk",
            disk,
        ]);
        let outcomes = outcomes(&store);
        let n_passed = outcomes.values().filter(|passed| **passed > 0.5).count();
        assert_eq!((outcomes.len(), n_passed), (3, 2));
        std::fs::read_to_string(&log).unwrap().lines().count()
    };
    assert_eq!(n_built("large.db", "10"), 1);
    assert_eq!(n_built("small.db", "0"), 3);
}

/// What only benchmarks name is not built for tests that do not need it, and is where anything names it: the build script of the
/// dependency tells.
#[test]
fn what_only_benchmarks_name_is_not_built() {
    let mut project = project();
    let dependency = dependency(&project, "stop-watch", "", "pub fn time() {}");
    let log = project.beside("log");
    let script = format!(
        "fn main() {{\n    println!(\"cargo::rerun-if-changed=build.rs\");\n    std::fs::write({log:?}, \"built\").unwrap();\n}}\n"
    );
    std::fs::write(dependency.join("build.rs"), script).unwrap();
    let needs = format!("[dev-dependencies]\nstop-watch = {{ path = {dependency:?} }}\n");
    let bench = "[[bench]]\nname = \"speed\"\nharness = false\n";
    project.write("Cargo.toml", &format!("{MANIFEST}{needs}{bench}"));
    project.write("benches/speed.rs", "fn main() { stop_watch::time(); }\n");
    let code = "#[test]\nfn is_right() { assert_eq!(1 + 1, 2); }\n";
    project.write("src/lib.rs", code);
    project.write(
        "docs/speed.rs.txt",
        "#[test]\nfn is_fast() { stop_watch::time(); }\n",
    );
    project.commit("a benchmark");
    let tests = ["history", "--runner", "libtest"];
    project.mad_prints(&tests);
    assert_eq!(outcomes(&project.store()).len(), 1);
    assert!(!log.exists(), "nothing needs it");

    project.write(
        "tests/fast.rs",
        "#[test]\nfn is_fast() { stop_watch::time(); }\n",
    );
    project.commit("a test that names it");
    project.mad_prints(&tests);
    assert_eq!(outcomes(&project.store()).len(), 3);
    assert!(log.exists(), "a test needs it");

    std::fs::remove_file(&log).unwrap();
    project.write("tests/fast.rs", "include!(\"../docs/speed.rs.txt\");\n");
    project.commit("a test that is somewhere else");
    project.mad_prints(&tests);
    assert_eq!(outcomes(&project.store()).len(), 5);
    assert!(log.exists(), "what is included may need it");

    std::fs::remove_file(&log).unwrap();
    let named = "#[path = \"../docs/speed.rs.txt\"]\nmod speed;\n";
    project.write("tests/fast.rs", named);
    project.commit("a test that nobody expects there");
    project.mad_prints(&tests);
    assert_eq!(outcomes(&project.store()).len(), 7);
    assert!(log.exists(), "it does not build without");
}

/// The compiler is started by a script that writes down what it is told.
#[test]
fn a_library_without_tests_of_its_own_is_not_built_for_them() {
    let mut project = project();
    let (compiler, log) = (project.beside("compiler"), project.beside("log"));
    let script = format!("#!/bin/sh\necho \"$*\" >> {log:?}\nexec \"$@\"\n");
    std::fs::write(&compiler, script).unwrap();
    std::fs::set_permissions(&compiler, PermissionsExt::from_mode(0o755)).unwrap();
    let n_with_tests = |project: &Project, name: &str| {
        std::fs::write(&log, "").unwrap();
        let mut mad = project.mad_command(&["history", "--runner", "libtest"]);
        let output = mad.env("RUSTC_WRAPPER", &compiler).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let log = std::fs::read_to_string(&log).unwrap();
        let name = format!("--crate-name {name} ");
        let is_it = |line: &&str| line.contains(&name) && line.contains(" --test ");
        log.lines().filter(is_it).count()
    };
    let library =
        "/// ```\n/// assert_eq!(shop::answer(), 42);\n/// ```\npub fn answer() -> u8 { 42 }\n";
    project.write("src/lib.rs", library);
    project.write(
        "tests/right.rs",
        "#[test]\nfn is_right() { assert_eq!(shop::answer(), 42); }\n",
    );
    project.commit("tests elsewhere");
    assert_eq!(n_with_tests(&project, "shop"), 0);
    let names = |project: &Project| {
        outcomes(&project.store())
            .into_keys()
            .map(|(_, name)| name)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        names(&project),
        ["doc::src/lib.rs - answer", "right::is_right"]
            .map(str::to_owned)
            .into()
    );

    let unit = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn is_here() {}\n}\n";
    project.write("src/lib.rs", &format!("{library}{unit}"));
    project.commit("tests in the library");
    assert_eq!(n_with_tests(&project, "shop"), 1);
    assert!(names(&project).contains("tests::is_here"));
}

/// While one worker builds dependencies, the other measures what needs none: here the build of the one ends when a test has run
/// whose commit comes after others that need the dependency.
#[test]
fn nobody_waits_for_dependencies_who_needs_none() {
    let mut project = project();
    let dependency = dependency(&project, "needed", "", "");
    let place = project.beside("place");
    let script = format!(
        "fn main() {{\n    for _ in 0..1200 {{\n        if std::path::Path::new({place:?}).exists() {{ return; }}\n        \
            std::thread::sleep(std::time::Duration::from_millis(50));\n    }}\n    panic!(\"nobody came\");\n}}\n"
    );
    std::fs::write(dependency.join("build.rs"), script).unwrap();
    let needs = format!("[dependencies]\nneeded = {{ path = {dependency:?} }}\n");
    for (manifest, numbers) in [
        (MANIFEST.to_owned(), 0..6),
        (format!("{MANIFEST}{needs}"), 6..12),
    ] {
        project.write("Cargo.toml", &manifest);
        for number in numbers {
            let body = if number == 3 {
                format!("std::fs::write({place:?}, \"\").unwrap()")
            } else {
                format!("assert!({number} < 12)")
            };
            project.write(
                "src/lib.rs",
                &format!("#[test]\nfn comes() {{ {body}; }}\n"),
            );
            project.commit("number");
        }
    }
    let printed = project.mad_prints(&["history", "--runner", "libtest", "--jobs", "2"]);
    assert_eq!(
        printed.lines().next(),
        Some("12 commits: 12 measured, 0 alike, 0 known before")
    );
    let outcomes = outcomes(&project.store());
    assert_eq!(
        outcomes.values().filter(|passed| **passed > 0.5).count(),
        12
    );
}

/// Documentation tests are programs without the standard library, unless one fails so: here one that wants to be without
/// company.
#[cfg(target_os = "linux")]
#[test]
fn a_documentation_test_that_fails_is_built_as_cargo_would() {
    let mut project = project();
    let maps = "let maps = std::fs::read_to_string(\"/proc/self/maps\").unwrap();";
    let alone = "assert!(!maps.contains(\"libstd-\"));";
    let library =
        |test: &str| format!("/// ```\n/// {maps}\n/// {test}\n/// ```\npub fn shop() {{}}\n");
    let name = "doc::src/lib.rs - shop".to_owned();
    project.write("src/lib.rs", &library(alone));
    let passes = project.commit("whole");
    project.write("src/lib.rs", &library("assert!(maps.is_empty());"));
    let fails = project.commit("wrong");
    project.mad_prints(&["history", "--runner", "libtest"]);
    let outcomes = outcomes(&project.store());
    let has_passed = |commit: String| outcomes[&(commit, name.clone())] > 0.5;
    assert!(has_passed(passes) && !has_passed(fails));
}

/// What is named by the name of its library only, in a documentation test, is not known to be needed before.
#[test]
fn a_documentation_test_has_a_dependency_whose_library_has_another_name() {
    let mut project = project();
    let library = "[lib]\nname = \"md5\"\n";
    let dependency = dependency(&project, "md-five", library, "pub fn sum() {}");
    let needs = format!("[dev-dependencies]\nmd-five = {{ path = {dependency:?} }}\n");
    project.write("Cargo.toml", &format!("{MANIFEST}{needs}"));
    project.write(
        "src/lib.rs",
        "/// ```\n/// md5::sum();\n/// ```\npub fn shop() {}\n",
    );
    project.commit("sums");
    project.mad_prints(&["history", "--runner", "libtest"]);
    let outcomes = outcomes(&project.store());
    assert_eq!(outcomes.into_values().collect::<Vec<_>>(), [1.0]);
}

/// Who depends on himself has his own tests built with other features.
#[test]
fn a_package_that_its_own_tests_depend_on_keeps_its_features() {
    let mut project = project();
    let needs = "[features]\ntesting = []\n[dev-dependencies]\nshop = { path = \".\", features = [\"testing\"] }\n";
    project.write("Cargo.toml", &format!("{MANIFEST}{needs}"));
    project.write(
        "src/lib.rs",
        "#[cfg(all(test, feature = \"testing\"))]\n#[test]\nfn is_there() {}\n",
    );
    project.commit("features");
    project.mad_prints(&["history", "--runner", "libtest"]);
    assert_eq!(outcomes(&project.store()).len(), 1);
}

/// A standard library beside the program knows nothing of the allocator in it.
#[test]
fn an_allocator_in_a_documentation_test_is_used() {
    let mut project = project();
    let code = "/// ```
/// use std::alloc::{GlobalAlloc, Layout, System};
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// static ALLOCATED: AtomicUsize = AtomicUsize::new(0);
/// struct Counting;
/// unsafe impl GlobalAlloc for Counting {
///     unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
///         ALLOCATED.fetch_add(1, Relaxed);
///         unsafe { System.alloc(layout) }
///     }
///     unsafe fn dealloc(&self, it: *mut u8, layout: Layout) { unsafe { System.dealloc(it, layout) } }
/// }
/// #[global_allocator]
/// static COUNTING: Counting = Counting;
/// let before = ALLOCATED.load(Relaxed);
/// drop(std::hint::black_box(vec![1_u8]));
/// assert_eq!(ALLOCATED.load(Relaxed), before, \"nothing is allocated\");
/// ```
pub fn shop() {}
";
    project.write("src/lib.rs", code);
    project.commit("allocates");
    project.mad_prints(&["history", "--runner", "libtest"]);
    let outcomes = outcomes(&project.store());
    assert_eq!(outcomes.into_values().collect::<Vec<_>>(), [0.0]);
}

/// Where a link leads to what is not built for tests, it counts all the same.
#[test]
fn commits_are_not_alike_that_differ_behind_a_link() {
    let mut project = project();
    project.write("benches/data/expected", "1\n");
    std::fs::create_dir_all(project.root().join("tests")).unwrap();
    symlink("../benches/data", project.root().join("tests/data")).unwrap();
    let reads = "#[test]\nfn is_as_expected() {\n    let expected = std::fs::read_to_string(\"tests/data/expected\").unwrap();\n    \
                 assert_eq!(expected, \"1\\n\");\n}\n";
    project.write("tests/reads.rs", reads);
    project.write("src/lib.rs", "");
    project.commit("expects");
    project.write("benches/data/expected", "2\n");
    project.commit("expects another");
    project.mad_prints(&["history", "--runner", "libtest"]);
    let mut outcomes: Vec<_> = outcomes(&project.store()).into_values().collect();
    outcomes.sort_by(f64::total_cmp);
    assert_eq!(outcomes, [0.0, 1.0]);
}
