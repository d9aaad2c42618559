//! The fuzz targets, with the seeds that are kept in the repository.

#![expect(clippy::print_stdout, reason = "a failure is to name its seed")]

use std::fs;
use std::path::Path;

/// Hands each seed of a target to it.
fn feed(target: &str, function: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target);
    let seeds = fs::read_dir(&folder).expect("the target has seeds");
    let mut n_seeds = 0;
    for seed in seeds {
        let path = seed.expect("it can be listed").path();
        println!("{}", path.display());
        function(&fs::read(&path).expect("it can be read"));
        n_seeds += 1;
    }
    assert!(n_seeds >= 5, "only {n_seeds} seeds of {target}");
}

#[test]
fn reports_of_others() {
    feed("ingest", tests::fuzzed::ingest);
}

#[test]
fn pages_of_metrics() {
    feed("exposition", tests::fuzzed::exposition);
}

#[test]
fn what_a_relay_is_sent() {
    feed("relay", tests::fuzzed::relay);
}

#[test]
fn what_goes_to_other_stores() {
    feed("sinks", tests::fuzzed::sinks);
}

#[test]
fn selections() {
    feed("selection", tests::fuzzed::selection);
}

#[test]
fn requests() {
    feed("request", tests::fuzzed::request);
}

#[test]
fn reports() {
    feed("report", tests::fuzzed::report);
}
