//! Buckets that stand in the code. They are for the whole process, so each test has names of its own.

use std::sync::{Arc, Mutex};

use mad_metrics::view::{Family, Sample, Value, Visitor};
use mad_metrics::{Builder, Matcher, Reason, Recorder, declare_buckets, describe_histogram};
use metrics::{histogram, with_local_recorder};

use crate::page::{rejected, samples};

/// What a recorder has told of: metric and reason.
type Told = Arc<Mutex<Vec<(String, Reason)>>>;

/// Makes a recorder, and the list of what it tells of.
fn told(builder: Builder) -> (Recorder, Told) {
    let told = Told::default();
    let list = Arc::clone(&told);
    let builder = builder.on_rejection(move |rejection| {
        let what = (rejection.metric.to_owned(), rejection.reason);
        list.lock().unwrap().push(what);
    });
    (builder.build().unwrap(), told)
}

#[test]
fn buckets_that_are_declared_before_the_first_observation_hold() {
    let (recorder, told) = told(Builder::new());
    with_local_recorder(&recorder, || {
        describe_histogram!("in_time", "In time.", buckets: &[1.0, f64::INFINITY]);
        histogram!("in_time").record(0.5);
        // Again, as each call of a function does that describes what it records.
        describe_histogram!("in_time", "In time.", buckets: &[1.0]);
    });
    assert_eq!(
        samples(&recorder.handle())[0],
        "in_time_bucket{le=\"1.0\"} 1"
    );
    assert_eq!(*told.lock().unwrap(), []);
}

#[test]
fn buckets_that_come_after_it_are_counted_and_told_of_once() {
    let (recorder, told) = told(Builder::new().buckets(&[7.0]));
    with_local_recorder(&recorder, || {
        histogram!("too_late").record(0.5);
        for _ in 0..3 {
            describe_histogram!("too_late", "Too late.", buckets: &[1.0, 2.0]);
        }
    });
    let expected = [("too_late".to_owned(), Reason::LateBuckets)];
    assert_eq!(*told.lock().unwrap(), expected, "at once");
    let handle = recorder.handle();
    assert_eq!(samples(&handle)[0], "too_late_bucket{le=\"7.0\"} 1");
    assert_eq!(rejected(&handle, "late_buckets"), 1);
    assert_eq!(rejected(&handle, "late_buckets"), 1, "once");
}

#[test]
fn what_is_declared_without_a_recorder_at_hand_is_noticed_when_a_page_is_made() {
    let (recorder, told) = told(Builder::new());
    with_local_recorder(&recorder, || histogram!("nobody_near").record(0.5));
    declare_buckets("nobody_near", &[1.0]);
    assert_eq!(rejected(&recorder.handle(), "late_buckets"), 1);
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[test]
fn of_two_declarations_that_differ_the_first_one_holds_and_the_other_is_told_of() {
    let (recorder, told) = told(Builder::new());
    declare_buckets("disputed", &[1.0]);
    declare_buckets("disputed", &[2.0]);
    with_local_recorder(&recorder, || histogram!("disputed").record(0.5));
    let handle = recorder.handle();
    assert_eq!(samples(&handle)[0], "disputed_bucket{le=\"1.0\"} 1");
    assert_eq!(rejected(&handle, "late_buckets"), 1);
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[test]
fn who_names_a_metric_in_full_has_meant_to_overrule_the_code() {
    let full = Matcher::Full("overruled".to_owned());
    let (recorder, told) = told(Builder::new().buckets_for(full, &[9.0]));
    with_local_recorder(&recorder, || {
        histogram!("overruled").record(0.5);
        describe_histogram!("overruled", "Overruled.", buckets: &[1.0]);
    });
    assert_eq!(rejected(&recorder.handle(), "late_buckets"), 0);
    assert_eq!(*told.lock().unwrap(), []);
}

/// The first bound of each histogram, and whether it has exponential buckets too; summaries have neither.
#[derive(Default)]
struct Shapes(Vec<(String, Option<f64>, bool)>);

impl Visitor for Shapes {
    fn family(&mut self, family: &Family<'_>) -> bool {
        !family.name().starts_with("mad_metrics_")
    }

    fn sample(&mut self, family: &Family<'_>, sample: &Sample<'_>) {
        let has_native =
            matches!(sample.value, Value::Histogram(histogram) if histogram.native.is_some());
        let first = family.bounds().first().copied();
        self.0.push((family.name().to_owned(), first, has_native));
    }
}

#[test]
fn exponential_buckets_come_besides_those_that_a_histogram_has_anyway() {
    let ending = |end: &str| Matcher::Suffix(end.to_owned());
    let full = |name: &str| Matcher::Full(name.to_owned());
    let (recorder, told) = told(
        Builder::new()
            .native_for(Matcher::Prefix("native_".to_owned()), 1.1)
            .native_for(ending("_too"), 1.1)
            .buckets_for(ending("_too"), &[2.0])
            .buckets_for(full("native_b_full"), &[3.0])
            .summary_for(ending("_quantiles"), &[0.5])
            .summary_for(full("native_e_summary"), &[0.5])
            .summary_for(ending("_seconds"), &[0.5])
            .native_for(ending("wait_seconds"), 1.1)
            .summary_for(ending("rest_seconds"), &[0.5])
            .native_for(ending("t_seconds"), 1.1)
            .buckets(&[4.0]),
    );
    with_local_recorder(&recorder, || {
        describe_histogram!("native_c_declared", "In the code.", buckets: &[1.0]);
        for name in [
            "a_too",
            "native_b_full",
            "native_c_declared",
            "native_d_quantiles",
            "native_e_summary",
            "native_f",
            "other",
            "other_quantiles",
            "rest_seconds",
            "wait_seconds",
        ] {
            histogram!(name).record(0.5);
        }
    });
    let mut shapes = Shapes::default();
    recorder.handle().visit(&mut shapes);
    let expected = [
        ("a_too", Some(2.0), true),
        ("native_b_full", Some(3.0), true),
        ("native_c_declared", Some(1.0), true),
        ("native_d_quantiles", Some(4.0), true),
        ("native_e_summary", None, false),
        ("native_f", Some(4.0), true),
        ("other", Some(4.0), false),
        ("other_quantiles", None, false),
        ("rest_seconds", Some(4.0), true),
        ("wait_seconds", Some(4.0), true),
    ];
    let expected = expected.map(|(name, first, native)| (name.to_owned(), first, native));
    assert_eq!(shapes.0, expected);
    assert_eq!(*told.lock().unwrap(), []);
}
