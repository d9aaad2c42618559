//! Everything that the facade can be asked to do.

use std::time::Duration;

use crate::page::{recorded, recorder, samples};
use mad_metrics::{Builder, Matcher};
use metrics::{Unit, counter, describe_counter, describe_histogram, gauge, histogram};

#[test]
fn a_counter_counts_and_is_raised_but_never_falls() {
    let samples = recorded(Builder::new(), || {
        counter!("orders_total").increment(2);
        counter!("orders_total").increment(3);
        counter!("jobs_total", "queue" => "mail").absolute(7);
        counter!("jobs_total", "queue" => "mail").absolute(5);
        counter!("jobs_total", "queue" => "mail").increment(1);
    });
    assert_eq!(samples, ["jobs_total{queue=\"mail\"} 8", "orders_total 5"]);
}

#[test]
fn a_gauge_is_set_and_goes_both_ways() {
    let samples = recorded(Builder::new(), || {
        gauge!("open").set(2.5);
        gauge!("open").increment(3);
        gauge!("open").decrement(Duration::from_millis(500));
        gauge!("unknown").set(f64::NAN);
        gauge!("unlimited").set(f64::INFINITY);
    });
    assert_eq!(samples, ["open 5", "unknown NaN", "unlimited +Inf"]);
}

#[test]
fn a_histogram_has_the_buckets_that_it_is_told() {
    let builder = Builder::new().buckets(&[1.0, 2.0]).buckets_for(
        Matcher::Suffix("_bytes".to_owned()),
        &[1024.0, f64::INFINITY],
    );
    let samples = recorded(builder, || {
        histogram!("wait", "a" => "b").record(1.0);
        histogram!("wait", "a" => "b").record_many(1.5, 2);
        histogram!("wait", "a" => "b").record(9);
        histogram!("size_bytes").record(2000);
    });
    let expected = [
        "size_bytes_bucket{le=\"1024.0\"} 0",
        "size_bytes_bucket{le=\"+Inf\"} 1",
        "size_bytes_sum 2000",
        "size_bytes_count 1",
        "wait_bucket{a=\"b\",le=\"1.0\"} 1",
        "wait_bucket{a=\"b\",le=\"2.0\"} 3",
        "wait_bucket{a=\"b\",le=\"+Inf\"} 4",
        "wait_sum{a=\"b\"} 13",
        "wait_count{a=\"b\"} 4",
    ];
    assert_eq!(samples, expected);
}

#[test]
fn many_equal_observations_are_one_step_however_the_handle_was_got() {
    let samples = recorded(Builder::new().buckets(&[1.0]), || {
        for _ in 0..3 {
            // One by one, they would not come to this sum.
            histogram!("h", "a" => "b").record_many(0.1, 1_000_000);
        }
        let kept = histogram!("h", "a" => "b");
        kept.record_many(0.1, 1_000_000);
    });
    assert_eq!(samples[2], "h_sum{a=\"b\"} 400000");
}

#[test]
fn a_full_name_wins_over_a_beginning_and_that_over_an_end() {
    let builder = Builder::new()
        .buckets_for(Matcher::Suffix("_seconds".to_owned()), &[1.0])
        .buckets_for(Matcher::Prefix("http_".to_owned()), &[2.0])
        .buckets_for(Matcher::Full("http_wait_seconds".to_owned()), &[3.0]);
    let samples = recorded(builder, || {
        histogram!("http_wait_seconds").record(0);
        histogram!("http_send_seconds").record(0);
        histogram!("send_seconds").record(0);
    });
    let first_bounds: Vec<_> = samples
        .iter()
        .filter(|line| line.contains(".0\""))
        .collect();
    let expected = [
        "http_send_seconds_bucket{le=\"2.0\"} 1",
        "http_wait_seconds_bucket{le=\"3.0\"} 1",
        "send_seconds_bucket{le=\"1.0\"} 1",
    ];
    assert_eq!(first_bounds, expected);
}

#[test]
fn a_summary_has_quantiles() {
    let builder = Builder::new().summary_for(Matcher::Full("wait".to_owned()), &[1.0, 0.5]);
    let samples = recorded(builder, || {
        for value in 1..=100 {
            histogram!("wait").record(value);
        }
    });
    let value = |line: &str| -> f64 { line.rsplit(' ').next().unwrap().parse().unwrap() };
    assert!(samples[0].starts_with("wait{quantile=\"0.5\"} "));
    assert!((value(&samples[0]) - 50.0).abs() < 0.2, "{}", samples[0]);
    assert!(samples[1].starts_with("wait{quantile=\"1.0\"} "));
    assert!((value(&samples[1]) - 100.0).abs() < 0.4, "{}", samples[1]);
    assert_eq!(samples[2..], ["wait_sum 5050", "wait_count 100"]);
}

#[test]
fn the_first_description_stays_whenever_it_comes() {
    let recorder = recorder(Builder::new());
    metrics::with_local_recorder(&recorder, || {
        describe_counter!("early_total", Unit::Bytes, "Early.");
        describe_counter!("early_total", "Second.");
        counter!("early_total").increment(1);
        counter!("late_total").increment(1);
        describe_counter!("late_total", "Late.");
        describe_histogram!("never", "Nothing was recorded.");
        counter!(description: "Inline.", unit: Unit::Count, "inline_total").increment(1);
    });
    let page = recorder.handle().render();
    assert!(page.starts_with(
        "# HELP early_total Early.\n# TYPE early_total counter\nearly_total 1\n\
         # HELP inline_total Inline.\n# TYPE inline_total counter\ninline_total 1\n\
         # HELP late_total Late.\n# TYPE late_total counter\nlate_total 1\n"
    ));
    assert!(!page.contains("never") && !page.contains("Second"));
}

#[test]
fn the_order_of_labels_makes_no_other_series() {
    let samples = recorded(Builder::new(), || {
        counter!("c", "a" => "1", "b" => "2", "c" => "\"").increment(1);
        counter!("c", "c" => "\"", "b" => "2", "a" => "1").increment(1);
        counter!("c", "b" => "1", "a" => "2").increment(1);
    });
    let expected = ["c{a=\"1\",b=\"2\",c=\"\\\"\"} 2", "c{b=\"1\",a=\"2\"} 1"];
    assert_eq!(samples, expected);
}

#[test]
fn a_label_of_its_own_wins_over_a_global_one() {
    let builder = Builder::new()
        .global_label("region", "eu")
        .global_label("zone", "1");
    let samples = recorded(builder, || {
        counter!("c").increment(1);
        counter!("c", "zone" => "2").increment(1);
        counter!("c", "kind" => "x").increment(1);
        counter!("c", "kind" => "x").increment(1);
    });
    let expected = [
        "c{kind=\"x\",region=\"eu\",zone=\"1\"} 2",
        "c{region=\"eu\",zone=\"1\"} 1",
        "c{zone=\"2\",region=\"eu\"} 1",
    ];
    assert_eq!(samples, expected);
}

#[test]
fn threads_that_meet_lose_nothing() {
    const THREADS: u32 = 4;
    const TIMES: u32 = 50_000;
    let recorder = recorder(Builder::new().buckets(&[1.0]));
    let handle = recorder.handle();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                metrics::with_local_recorder(&recorder, || {
                    let (kept, gauge) = (counter!("kept_total"), gauge!("gauge"));
                    for _ in 0..TIMES {
                        kept.increment(1);
                        counter!("looked_up_total", "a" => "b").increment(2);
                        gauge.increment(1);
                        histogram!("wait").record(0.5);
                    }
                });
            });
        }
    });
    let n = u64::from(THREADS * TIMES);
    let expected = [
        format!("gauge {n}"),
        format!("kept_total {n}"),
        format!("looked_up_total{{a=\"b\"}} {}", 2 * n),
        format!("wait_bucket{{le=\"1.0\"}} {n}"),
        format!("wait_bucket{{le=\"+Inf\"}} {n}"),
        format!("wait_sum {}", n / 2),
        format!("wait_count {n}"),
    ];
    assert_eq!(samples(&handle), expected);
}

#[test]
fn among_many_each_is_what_it_has_come_to_whatever_became_of_others() {
    const TIMES: u64 = 20_000;
    let recorder = recorder(Builder::new());
    let handle = recorder.handle();
    let name = |n: u64| format!("{n:03}");
    let kept = metrics::with_local_recorder(&recorder, || {
        let counters = (0..500).map(|n| counter!("c_total", "n" => name(n)));
        counters.collect::<Vec<_>>()
    });
    for (counter, n) in kept.iter().zip(0..) {
        counter.increment(n);
    }
    // Some are hidden, as somebody holds them, and threads meet at others.
    for n in (50..500).step_by(50) {
        assert!(handle.remove("c_total", &[("n", &name(n))]));
    }
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for counter in kept.iter().skip(7).step_by(100) {
                    (0..TIMES).for_each(|_| counter.increment(1));
                }
            });
        }
    });
    let expected = |is_shown: &dyn Fn(&u64) -> bool| -> Vec<String> {
        let met = |n: u64| if n % 100 == 7 { 2 * TIMES } else { 0 };
        let shown = (0..500).filter(is_shown);
        let line = |n| format!("c_total{{n=\"{}\"}} {}", name(n), n + met(n));
        shown.map(line).collect()
    };
    let is_kept = |n: &u64| *n == 0 || !n.is_multiple_of(50);
    assert_eq!(samples(&handle), expected(&is_kept));
    kept[100].increment(0);
    assert_eq!(samples(&handle), expected(&is_kept));
    kept[100].increment(1);
    let page = samples(&handle);
    assert_eq!(page[99], "c_total{n=\"100\"} 101");
    assert_eq!(page.len(), expected(&is_kept).len() + 1);
}

#[test]
fn an_order_that_is_always_the_same() {
    let names = ["b", "a", "c"];
    let samples = recorded(Builder::new(), || {
        for name in names {
            for value in names {
                gauge!(name, "k" => value).set(1.0);
            }
        }
    });
    let mut sorted = samples.clone();
    sorted.sort();
    assert_eq!(samples, sorted);
}
