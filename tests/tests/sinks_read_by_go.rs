//! What a store holds goes to a Prometheus 3, a program in Go: by remote write 2.0, and by OTLP.

use std::path::Path;

use tests::{ReceivingPrometheus, Recorded, now};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn prometheus_3_takes_remote_write_2_at_once() {
    let mut recorded = Recorded::new();
    let prometheus = ReceivingPrometheus::start_version_3(folder());
    let target = format!("remote-write+http://{}", prometheus.http());
    assert_eq!(recorded.push(&target).taken, 18);
    assert_eq!(prometheus.stored("mad_"), recorded.stored());
    // One that knew 1.0 alone would have been asked twice.
    assert_eq!(prometheus.requests_to("/api/v1/write"), 1);

    recorded.run_on("ci-1", now() - 60_000);
    let pushed = recorded.try_push(&target).unwrap();
    assert_eq!((pushed.taken, pushed.refused()), (1, 8), "{pushed:?}");
    assert!(
        pushed.refusals[0].reason.contains("out of order"),
        "{pushed:?}"
    );
}

#[test]
#[ignore = "needs Go: cargo xtask test --all"]
fn prometheus_3_names_what_comes_by_otlp_as_the_others_do() {
    let mut recorded = Recorded::new();
    let prometheus = ReceivingPrometheus::start_version_3(folder());
    recorded.push(&format!(
        "otlp+http://{}/api/v1/otlp/v1/metrics",
        prometheus.http()
    ));
    let stored = prometheus.stored("mad_test").map(|mut series, at| {
        series.labels.remove("job");
        (series, at)
    });
    let expected = recorded.stored().of("mad_test").map(|mut series, at| {
        series.labels.remove("host");
        (series, at)
    });
    assert_eq!(stored.count(), 8);
    assert_eq!(stored, expected);
}
