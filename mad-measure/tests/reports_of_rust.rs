//! What LLVM's tools and Cargo write of a Rust program is taken, and comes to the numbers that they say themselves.

use std::fs;
use std::path::Path;
use std::process::Command;

use mad_measure::ingest::{Format, Report, detect, read};
use mad_store::Subject;

/// One function of two runs, and one branch of two.
const PROGRAM: &str = "\
fn main() {
    println!(\"{}\", price(std::env::args().count() as u32));
}

fn price(pieces: u32) -> u32 {
    if pieces > 10 {
        let off = pieces / 10;
        return 100 * pieces - off;
    }
    100 * pieces
}

pub fn never() -> u32 {
    1
}
";

fn value(report: &Report, subject: &str, metric: &str) -> Option<f64> {
    let subject: Subject = subject.parse().unwrap();
    let mut samples = report.measured.samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

#[track_caller]
fn said(command: &mut Command, folder: &Path) -> String {
    let output = command.current_dir(folder).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// A program of the LLVM that reads what this compiler writes.
fn llvm(tool: &str, folder: &Path) -> Command {
    let version = said(Command::new("rustc").arg("-vV"), folder);
    let version = version.split_once("LLVM version: ").unwrap().1;
    let major = version.split('.').next().unwrap();
    Command::new(format!("{tool}-{major}"))
}

#[track_caller]
fn taken(format: Format, text: &str) -> Report {
    assert_eq!(detect(text.as_bytes()), Some(format), "{text}");
    read(format, text.as_bytes()).unwrap()
}

#[test]
fn llvms_coverage_is_the_same_in_both_of_its_formats() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("main.rs"), PROGRAM).unwrap();
    said(
        Command::new("rustc").args(["-Cinstrument-coverage", "-Cdebuginfo=0", "main.rs"]),
        folder,
    );
    let mut program = Command::new(folder.join("main"));
    said(
        program.env("LLVM_PROFILE_FILE", folder.join("main.profraw")),
        folder,
    );
    let merge = [
        "merge",
        "--sparse",
        "main.profraw",
        "--output",
        "main.profdata",
    ];
    said(llvm("llvm-profdata", folder).args(merge), folder);
    let export = |format: &str| {
        let mut export = llvm("llvm-cov", folder);
        export.args(["export", format, "--instr-profile", "main.profdata", "main"]);
        said(&mut export, folder)
    };
    let json = taken(Format::LlvmCov, &export("--format=text"));
    let lcov_text = export("--format=lcov");
    let lcov = taken(Format::Lcov, &lcov_text);
    // What lcov's own sums say.
    let sum = |name: &str| {
        let line = lcov_text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().parse::<f64>().unwrap()
    };
    for (metric, own) in [
        ("coverage_lines", "LF:"),
        ("coverage_covered_lines", "LH:"),
        ("coverage_functions", "FNF:"),
        ("coverage_covered_functions", "FNH:"),
    ] {
        let of_lcov = value(&lcov, "run", metric);
        assert_eq!(of_lcov, Some(sum(own)), "{metric}: {lcov_text}");
        assert_eq!(
            of_lcov,
            value(&json, "run", metric),
            "{metric}: {lcov_text}"
        );
    }
    assert_eq!(value(&json, "run", "coverage_functions"), Some(3.0));
    assert_eq!(value(&json, "run", "coverage_covered_functions"), Some(2.0));
}

#[test]
fn cargos_page_of_times_tells_what_was_built() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let manifest = "[package]\nname = \"the-shop\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), PROGRAM).unwrap();
    let page = || {
        let mut cargo = Command::new(env!("CARGO"));
        said(
            cargo.args(["build", "--timings", "--target-dir", "target"]),
            folder,
        );
        fs::read_to_string(folder.join("target/cargo-timings/cargo-timing.html")).unwrap()
    };
    let built = page();
    let report = taken(Format::CargoTimings, &built);
    let seconds = value(&report, "package the-shop", "package_build_seconds");
    assert!(seconds.is_some_and(|seconds| seconds > 0.0), "{report:?}");
    let again = taken(Format::CargoTimings, &page());
    assert!(
        again.measured.samples.is_empty(),
        "it was built already: {again:?}"
    );

    let begin = built.find("const UNIT_DATA").unwrap();
    for cut in [&built[..begin], &built[..begin + 60]] {
        let refused = read(Format::CargoTimings, cut.as_bytes()).unwrap_err();
        assert!(!refused.reason.is_empty(), "{refused}");
    }
}
