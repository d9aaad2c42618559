//! Buckets that stand in the code. They are for the whole process, so each test has names of its own.

use std::sync::{Arc, Mutex};

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
