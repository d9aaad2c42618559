//! How deep tests go, as they tell it themselves: MAD's steps, and the spans of `tracing`.

use mad_measure::deep::Shapes;
use mad_measure::test_run::{Output, Plan, Runner, run};
use mad_store::{Sample, Subject};
use tests::Project;

/// With the projects that the linking is tried with, whose dependencies are these too.
const SCRATCH: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/linking");

const MANIFEST: &str = r#"
[package]
name = "deep"
version = "0.1.0"
edition = "2024"
[dependencies]
mad-core = { path = "{workspace}/mad-core" }
tracing = { version = "*", default-features = false, features = ["attributes", "std"] }
[dev-dependencies]
mad-core = { path = "{workspace}/mad-core", features = ["tracing"] }
tracing-subscriber = { version = "*", default-features = false, features = ["registry"] }
[workspace]
[profile.dev]
debug = false
"#;

const LIBRARY: &str = r#"
use mad_core::{self_test, step_sync};

#[self_test(effects = pure)]
fn order_goes_through() {
    step_sync("given a stock", || step_sync("that is full", || {}));
    step_sync("when it is ordered", || {});
    step_sync("then it is sent", || step_sync("by post", || step_sync("within a day", || {})));
}

#[tracing::instrument]
pub fn place() { check(); check(); check() }
#[tracing::instrument]
fn check() { look() }
#[tracing::instrument]
fn look() {}

#[cfg(test)]
mod tests {
    {guide}

    #[test]
    fn order_is_placed_twice() {
        spans_are_counted();
        super::place();
        let inside = tracing::info_span!("handed over");
        std::thread::scope(|scope| { scope.spawn(|| inside.in_scope(super::look)); });
    }

    #[test]
    fn nothing_is_told() {
        spans_are_counted();
    }
}
"#;

/// What the guide for tests has of Rust.
fn guide() -> &'static str {
    let guide = include_str!("../../docs/testing.md");
    let (_, snippet) = guide.split_once("```rust\n").unwrap();
    snippet.split_once("```").unwrap().0
}

fn value(samples: &[Sample], test: &str, metric: &str) -> Option<f64> {
    let subject: Subject = format!("test deep {test}").parse().unwrap();
    let mut samples = samples.iter();
    let sample = samples.find(|sample| sample.subject == subject && sample.metric.name == metric);
    sample.map(|sample| sample.value)
}

#[test]
fn steps_and_spans_of_a_test_are_told_by_both_runners() {
    let library = LIBRARY.replace("{guide}", guide());
    let files = [("Cargo.toml", MANIFEST), ("src/lib.rs", library.as_str())];
    let project = Project::write(SCRATCH, "deep", &files);
    for runner in [Runner::Libtest, Runner::Nextest] {
        let mut plan = Plan::new(project.folder());
        plan.target = Some(project.target().to_owned());
        plan.variables = vec![("CARGO_NET_OFFLINE".into(), "true".into())];
        plan.output = Output::Captured;
        plan.runner = Some(runner);
        let shapes = Shapes::of(&plan).unwrap();
        let finished = run(shapes.plan()).unwrap();
        if runner == Runner::Nextest && finished.output.contains("no such command: `nextest`") {
            continue;
        }
        assert_eq!(finished.exit_code, Some(0), "{}", finished.output);
        let samples = shapes.collect().unwrap();
        for (test, metric, expected) in [
            ("self_test__order_goes_through", "test_steps", 6.0),
            ("self_test__order_goes_through", "test_step_depth", 3.0),
            ("self_test__order_goes_through", "test_step_fan_out", 3.0),
            // place, three times check and look; and what was handed to another thread, with look in it.
            ("tests::order_is_placed_twice", "test_spans", 9.0),
            ("tests::order_is_placed_twice", "test_span_depth", 3.0),
            ("tests::order_is_placed_twice", "test_span_fan_out", 3.0),
        ] {
            let told = value(&samples, test, metric);
            assert_eq!(
                told,
                Some(expected),
                "{metric} of {test} by {runner:?}: {samples:?}"
            );
        }
        assert_eq!(samples.len(), 6, "{samples:?}");
    }
}
