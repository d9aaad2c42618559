//! How many series there may be, and what becomes of the others.

use crate::page::{recorder, rejected, samples};
use mad_metrics::{Builder, Matcher, Overflow};
use metrics::{counter, histogram};

fn line_of(handle: &mad_metrics::Handle, start: &str) -> Option<String> {
    let page = handle.render();
    let mut lines = page.lines().filter(|line| line.starts_with(start));
    lines.next().map(str::to_owned)
}

#[test]
fn a_metric_has_no_more_series_than_it_may_and_its_total_stays_right() {
    let recorder = recorder(Builder::new().max_series_per_metric(3));
    metrics::with_local_recorder(&recorder, || {
        for _ in 0..2 {
            for path in 0..10 {
                counter!("requests_total", "path" => path.to_string()).increment(1);
            }
        }
        counter!("other_total").increment(1);
    });
    let handle = recorder.handle();
    let expected = [
        "other_total 1",
        "requests_total{otel_metric_overflow=\"true\"} 14",
        "requests_total{path=\"0\"} 2",
        "requests_total{path=\"1\"} 2",
        "requests_total{path=\"2\"} 2",
    ];
    assert_eq!(samples(&handle), expected);
    let overflowed = line_of(&handle, "mad_metrics_overflowed_total{");
    let expected = "mad_metrics_overflowed_total{metric=\"requests_total\"} 14";
    assert_eq!(overflowed.unwrap(), expected);
    assert_eq!(rejected(&handle, "too_many_series"), 14);
    assert_eq!(
        line_of(&handle, "mad_metrics_series ").unwrap(),
        "mad_metrics_series 4"
    );
}

#[test]
fn what_is_beyond_the_limit_can_be_dropped() {
    let builder = Builder::new()
        .max_series_for(Matcher::Full("wait".to_owned()), 1)
        .buckets(&[1.0])
        .overflow(Overflow::Dropped);
    let recorder = recorder(builder);
    metrics::with_local_recorder(&recorder, || {
        for user in ["a", "b", "c"] {
            histogram!("wait", "user" => user).record(0);
            counter!("c", "user" => user).increment(1);
        }
    });
    let samples = samples(&recorder.handle());
    assert_eq!(
        samples
            .iter()
            .filter(|line| line.starts_with("wait_count"))
            .count(),
        1
    );
    assert_eq!(
        samples.iter().filter(|line| line.starts_with("c{")).count(),
        3
    );
}

#[test]
fn there_is_a_limit_for_all_metrics_together() {
    let recorder = recorder(Builder::new().max_series(2).max_metrics(3));
    metrics::with_local_recorder(&recorder, || {
        for name in ["a", "b", "c", "d"] {
            counter!(name, "x" => "1").increment(1);
        }
    });
    let handle = recorder.handle();
    let expected = [
        "a{x=\"1\"} 1",
        "b{x=\"1\"} 1",
        "c{otel_metric_overflow=\"true\"} 1",
    ];
    assert_eq!(samples(&handle), expected);
    assert_eq!(rejected(&handle, "too_many_metrics"), 1);
}

#[test]
fn the_heaviest_metrics_come_first() {
    let recorder = recorder(Builder::new().max_series_per_metric(5));
    metrics::with_local_recorder(&recorder, || {
        for path in 0..7 {
            counter!("many_total", "path" => path.to_string()).increment(1);
            histogram!("wait", "even" => (path % 2).to_string()).record(1);
        }
        counter!("one_total").increment(1);
    });
    let heaviest = recorder.handle().heaviest(2);
    assert_eq!(heaviest.len(), 2);
    let [many, wait] = &heaviest[..] else {
        unreachable!()
    };
    assert_eq!(
        (many.name.as_str(), many.series, many.limit),
        ("many_total", 5, 5)
    );
    assert_eq!(many.overflowed, 2);
    assert_eq!((wait.name.as_str(), wait.series), ("wait", 2));
    assert!(wait.bytes > 2 * 11 * 8);
}
