//! What is wrong with one metric costs nothing else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::page::{recorded, recorder, rejected, samples};
use mad_metrics::open_metrics::OpenMetricsWriter;
use mad_metrics::protobuf::ProtobufWriter;
use mad_metrics::view::{Family, Sample, Visitor};
use mad_metrics::{BuildError, Builder, Matcher, Page};
use metrics::{counter, describe_gauge, gauge, histogram};

#[test]
fn a_label_that_prometheus_would_take_for_its_own_gets_a_prefix() {
    let samples = recorded(Builder::new().buckets(&[1.0]), || {
        counter!("c_total", "__name__" => "other").increment(1);
        counter!("c_total", "le" => "1").increment(1);
        histogram!("h", "le" => "1").record(0);
    });
    let expected = [
        "c_total{exported_le=\"1\"} 1",
        "c_total{exported_name__=\"other\"} 1",
        "h_bucket{exported_le=\"1\",le=\"1.0\"} 1",
        "h_bucket{exported_le=\"1\",le=\"+Inf\"} 1",
        "h_sum{exported_le=\"1\"} 0",
        "h_count{exported_le=\"1\"} 1",
    ];
    assert_eq!(samples, expected);
}

#[test]
fn names_that_are_shown_alike_are_never_mixed() {
    let recorder = recorder(Builder::new());
    metrics::with_local_recorder(&recorder, || {
        counter!("http.requests").increment(1);
        counter!("http-requests").increment(10);
        counter!("http_requests").increment(100);
        gauge!("h_count").set(1);
        histogram!("h").record(1);
        histogram!("g").record(1);
        gauge!("g_sum").set(1);
    });
    let handle = recorder.handle();
    let samples = samples(&handle);
    assert!(samples.contains(&"http_requests 1".to_owned()));
    assert!(samples.contains(&"h_count 1".to_owned()));
    assert!(samples.contains(&"g_sum 1".to_owned()));
    assert!(!samples.iter().any(|line| line.starts_with("h_bucket")));
    assert_eq!(rejected(&handle, "name_taken"), 4);
    assert_eq!(rejected(&handle, "illegal_name"), 1);
}

#[test]
fn a_metric_stays_what_it_first_was() {
    let recorder = recorder(Builder::new());
    metrics::with_local_recorder(&recorder, || {
        counter!("jobs").increment(1);
        gauge!("jobs").set(5);
        histogram!("jobs", "a" => "b").record(5);
    });
    let handle = recorder.handle();
    assert_eq!(samples(&handle), ["jobs 1"]);
    assert_eq!(rejected(&handle, "kind_changed"), 2);
}

#[test]
fn what_is_not_finite_spoils_no_sum() {
    let recorder = recorder(Builder::new().buckets(&[1.0]));
    metrics::with_local_recorder(&recorder, || {
        for value in [0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            histogram!("h").record(value);
            gauge!("g").increment(value);
        }
        histogram!("huge").record_many(f64::MAX, 3);
        histogram!("huge").record(f64::MAX);
    });
    let handle = recorder.handle();
    let samples = samples(&handle);
    assert_eq!(samples[0], "g 0.5");
    assert_eq!(
        samples[1..5],
        [
            "h_bucket{le=\"1.0\"} 1",
            "h_bucket{le=\"+Inf\"} 1",
            "h_sum 0.5",
            "h_count 1",
        ]
    );
    assert_eq!(samples[7], "huge_sum 1.7976931348623157e+308");
    assert_eq!(samples[8], "huge_count 4");
    assert_eq!(rejected(&handle, "not_finite"), 6);
}

#[test]
fn counts_that_no_number_holds_stay_the_largest_number() {
    let all = || Matcher::Prefix(String::new());
    let builders = [
        Builder::new().buckets(&[1.0]),
        Builder::new().native_for(all(), 1.1),
        Builder::new().summary_for(all(), &[0.5]),
    ];
    for builder in builders {
        let recorder = recorder(builder);
        metrics::with_local_recorder(&recorder, || {
            let histogram = histogram!("h");
            histogram.record_many(0.5, usize::MAX);
            histogram.record_many(7, usize::MAX);
        });
        let handle = recorder.handle();
        let samples = samples(&handle);
        let last = samples.last().map(String::as_str);
        assert_eq!(last, Some("h_count 18446744073709551615"));
        let mut page = Page::new();
        handle.visit(&mut OpenMetricsWriter::new(&mut page));
        handle.visit(&mut ProtobufWriter::new(&mut page));
    }
}

#[test]
fn windows_of_a_summary_that_never_end_are_windows() {
    let all = Matcher::Prefix(String::new());
    let builder = Builder::new().summary_with_windows_for(all, &[1.0], Duration::MAX, usize::MAX);
    let samples = recorded(builder, || histogram!("h").record(0));
    assert_eq!(samples, ["h{quantile=\"1.0\"} 0", "h_sum 0", "h_count 1"]);
}

#[test]
fn labels_that_are_shown_alike_are_one() {
    let recorder = recorder(Builder::new());
    let first = vec![("a.b", "1"), ("a_b", "2"), ("a_b", "3")];
    metrics::with_local_recorder(&recorder, || {
        counter!("c", &first).increment(1);
        counter!("c", &first).increment(1);
        counter!("c", "a_b" => "3").increment(1);
        counter!("c", "a_b" => "").increment(1);
        counter!("c").increment(1);
    });
    let handle = recorder.handle();
    assert_eq!(samples(&handle), ["c 2", "c{a_b=\"3\"} 3"]);
    assert!(rejected(&handle, "duplicate_label") >= 2);
}

/// Knows what the program calls some labels of a metric.
struct Originals<'a> {
    metric: &'a str,
    labels: Vec<String>,
}

impl Visitor for Originals<'_> {
    fn family(&mut self, family: &Family<'_>) -> bool {
        if family.name() == self.metric {
            for label in &mut self.labels {
                *label = family.original_label(label).to_owned();
            }
        }
        false
    }

    fn sample(&mut self, _: &Family<'_>, _: &Sample<'_>) {}
}

#[test]
fn labels_without_end_are_not_remembered_by_the_names_that_they_had() {
    let names = |range: std::ops::Range<u32>, sign: char| -> Vec<String> {
        range.map(|n| format!("k{sign}{n}")).collect()
    };
    let originals = |builder: Builder, n_names: u32| {
        let recorder = recorder(builder);
        metrics::with_local_recorder(&recorder, || {
            for name in names(0..n_names, '-') {
                counter!("c", vec![metrics::Label::new(name, "x")]).increment(1);
            }
        });
        let labels = names(0..n_names, '_');
        let mut originals = Originals {
            metric: "c",
            labels,
        };
        recorder.handle().visit(&mut originals);
        originals.labels
    };
    let (there, beyond) = (names(0..3, '-'), names(3..20, '_'));
    let few = originals(Builder::new().max_series_per_metric(3), 20);
    assert_eq!(few, [there, beyond].concat(), "there is no room for more");
    let many = originals(Builder::new(), 1_000);
    assert!(many.starts_with(&names(0..200, '-')));
    assert!(many.ends_with(&names(500..1_000, '_')));
}

#[test]
fn a_global_label_makes_no_two_series_alike() {
    let builder = Builder::new()
        .buckets(&[1.0])
        .global_label("zone", "eu")
        .global_label("text", "a\rb")
        .global_label("nothing", "");
    let recorder = recorder(builder);
    metrics::with_local_recorder(&recorder, || {
        for zone in ["", "eu", "us"] {
            counter!("c_total", "zone" => zone).increment(1);
            gauge!("g", "text" => "a\nb", "zone" => zone).increment(1);
        }
        histogram!("h", "zone" => "eu").record(1);
        histogram!("h").record(1);
    });
    let handle = recorder.handle();
    let expected = [
        "c_total{zone=\"eu\",text=\"a\\nb\"} 2",
        "c_total{zone=\"us\",text=\"a\\nb\"} 1",
        "g{zone=\"eu\",text=\"a\\nb\"} 2",
        "g{zone=\"us\",text=\"a\\nb\"} 1",
        "h_bucket{zone=\"eu\",text=\"a\\nb\",le=\"1.0\"} 2",
        "h_bucket{zone=\"eu\",text=\"a\\nb\",le=\"+Inf\"} 2",
        "h_sum{zone=\"eu\",text=\"a\\nb\"} 2",
        "h_count{zone=\"eu\",text=\"a\\nb\"} 2",
    ];
    assert_eq!(samples(&handle), expected);
    assert!(handle.remove("c_total", &[("zone", "eu")]));
    assert_eq!(samples(&handle)[0], expected[1]);
}

#[test]
fn a_name_that_is_nothing_but_an_ending_is_none() {
    let recorder = recorder(Builder::new());
    metrics::with_local_recorder(&recorder, || {
        counter!("_total").increment(1);
        counter!("%total").increment(1);
        gauge!("_total").increment(1);
        counter!("__total").increment(1);
    });
    let handle = recorder.handle();
    assert_eq!(samples(&handle), ["__total 1"]);
    assert_eq!(rejected(&handle, "empty_name"), 3);
}

#[test]
fn text_stays_on_its_line() {
    let recorder = recorder(Builder::new());
    metrics::with_local_recorder(&recorder, || {
        describe_gauge!("g", "one\ntwo \\ three");
        gauge!("g", "a\nb" => "c\nd\"\\").set(1);
        gauge!("bad name\n# TYPE x").set(1);
    });
    let page = recorder.handle().render();
    assert!(page.contains("# HELP g one\\ntwo \\\\ three\n"));
    assert!(page.contains("g{a_b=\"c\\nd\\\"\\\\\"} 1\n"));
    assert!(page.contains("bad_name___TYPE_x 1\n"));
}

#[test]
fn a_carriage_return_is_a_line_feed_and_told_of() {
    let recorder = recorder(Builder::new());
    metrics::with_local_recorder(&recorder, || {
        describe_gauge!("g", "one\r\ntwo");
        for value in ["a\r\nb", "a\n\nb", "a\r\nb"] {
            gauge!("g", "text" => value).increment(1);
        }
    });
    let handle = recorder.handle();
    assert_eq!(samples(&handle), ["g{text=\"a\\n\\nb\"} 3"]);
    assert!(handle.render().contains("# HELP g one\\n\\ntwo\n"));
    let mut page = Page::new();
    let mut writer = ProtobufWriter::new(&mut page);
    handle.visit(&mut writer);
    writer.finish();
    let page = String::from_utf8_lossy(&page.into_bytes()).into_owned();
    assert!(page.contains("one\n\ntwo"), "{page:?}");
    assert_eq!(rejected(&handle, "carriage_return"), 1);
}

#[test]
fn names_that_are_kept_for_others_are_not_taken() {
    let builder = Builder::new().reserve(Matcher::Prefix("mad_check_".to_owned()));
    let recorder = recorder(builder);
    metrics::with_local_recorder(&recorder, || {
        counter!("mad_check_runs_total").increment(1);
        counter!("mad_metrics_series").increment(1);
        counter!("").increment(1);
        counter!("mad_checkers").increment(1);
    });
    let handle = recorder.handle();
    assert_eq!(samples(&handle), ["mad_checkers 1"]);
    assert_eq!(rejected(&handle, "reserved_name"), 2);
    assert_eq!(rejected(&handle, "empty_name"), 1);
}

#[test]
fn the_program_is_told_once_of_each_mistake_and_where_it_is() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    let recorder = recorder(Builder::new().on_rejection(move |rejection| {
        // What is recorded here is recorded, and is no way to a dead lock.
        counter!("told_total").increment(1);
        teller.lock().unwrap().push(rejection.to_string());
    }));
    metrics::with_local_recorder(&recorder, || {
        for _ in 0..3 {
            gauge!("a.b", "c.d" => "e").set(1);
        }
    });
    let expected = [
        "metric \"a.b\": illegal_name (in recorder::hostile)",
        "metric \"a.b\": illegal_label \"c.d\" (in recorder::hostile)",
    ];
    assert_eq!(*told.lock().unwrap(), expected);
    assert!(samples(&recorder.handle()).contains(&"told_total 2".to_owned()));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let refused = |builder: Builder| -> BuildError { builder.build().unwrap_err() };
    for builder in [
        Builder::new().buckets(&[]),
        Builder::new().buckets(&[1.0, 1.0]),
        Builder::new().buckets(&[2.0, 1.0]),
        Builder::new().buckets(&[f64::NAN]),
        Builder::new().buckets(&[f64::INFINITY]),
        Builder::new().global_label("le", "1"),
        Builder::new().global_label("a-b", "1"),
        Builder::new().global_label("__a", "1"),
        Builder::new().native_for(Matcher::Full("a".to_owned()), 1.0),
        Builder::new().summary_for(Matcher::Full("a".to_owned()), &[1.5]),
        Builder::new().summary_with_windows_for(
            Matcher::Full("a".to_owned()),
            &[0.5],
            Duration::ZERO,
            3,
        ),
    ] {
        let error = refused(builder);
        assert!(!error.is_installed());
        assert!(!error.to_string().is_empty());
    }
}
