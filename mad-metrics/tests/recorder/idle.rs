//! Series that go, and come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::page::{recorder, rejected, samples};
use mad_metrics::view::Kind;
use mad_metrics::{Builder, Handle, Matcher, Recorder};
use metrics::{SharedString, counter, gauge, histogram};

/// A clock that a test winds by hand.
#[derive(Clone)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn builder() -> (Self, Builder) {
        let clock = Self(Arc::default());
        let (hand, start) = (clock.clone(), Instant::now());
        let now = move || start + Duration::from_secs(hand.0.load(Ordering::Relaxed));
        (clock, Builder::new().clock(now))
    }

    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// How many series the recorder holds, those that are not shown too.
fn held(handle: &Handle) -> u64 {
    let page = handle.render();
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix("mad_metrics_series "));
    line.unwrap().parse().unwrap()
}

fn record(recorder: &Recorder, record: impl FnOnce()) {
    metrics::with_local_recorder(recorder, record);
}

#[test]
fn what_is_idle_goes_and_what_is_not_stays() {
    let (clock, builder) = Clock::builder();
    let recorder = recorder(builder.idle_timeout(Kind::Gauge, Duration::from_mins(1)));
    let handle = recorder.handle();
    record(&recorder, || {
        gauge!("g", "who" => "busy").set(1.0);
        gauge!("g", "who" => "idle").set(1.0);
        counter!("c").increment(1);
    });
    assert_eq!(samples(&handle).len(), 3);
    for _ in 0..4 {
        clock.pass(30);
        // The same value again is no rest.
        record(&recorder, || gauge!("g", "who" => "busy").set(1.0));
        handle.render();
    }
    assert_eq!(samples(&handle), ["c 1", "g{who=\"busy\"} 1"]);
}

#[test]
fn what_nobody_holds_leaves_the_memory() {
    let (clock, builder) = Clock::builder();
    let recorder =
        recorder(builder.idle_timeout_for(Matcher::Prefix(String::new()), Duration::from_mins(1)));
    let handle = recorder.handle();
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            record(&recorder, || {
                for user in 0..100 {
                    counter!("c", "user" => user.to_string()).increment(1);
                    histogram!("h", "user" => user.to_string()).record(1);
                }
            });
        });
        // The scope alone does not wait until the thread has forgotten everything.
        thread.join().unwrap();
    });
    assert_eq!(held(&handle), 200);
    clock.pass(61);
    assert_eq!(held(&handle), 0);
    assert!(samples(&handle).is_empty());
}

#[test]
fn what_a_thread_remembers_is_forgotten_when_it_is_next_used() {
    let (clock, builder) = Clock::builder();
    let recorder = recorder(builder.idle_timeout(Kind::Counter, Duration::from_mins(1)));
    let handle = recorder.handle();
    record(&recorder, || counter!("c", "user" => "1").increment(1));
    handle.render();
    clock.pass(61);
    handle.render();
    // This thread has used it last, and remembers it; but not any longer.
    record(&recorder, || counter!("other").increment(1));
    handle.render();
    assert_eq!(held(&handle), 1);
}

#[test]
fn a_kept_handle_brings_its_series_back_with_all_that_it_counted() {
    let (clock, builder) = Clock::builder();
    let builder = builder
        .buckets(&[1.0])
        .idle_timeout_for(Matcher::Prefix(String::new()), Duration::from_mins(1));
    let recorder = recorder(builder);
    let handle = recorder.handle();
    let mut kept = None;
    record(&recorder, || {
        kept = Some((counter!("c"), gauge!("g"), histogram!("h")));
    });
    let (counter, gauge, histogram) = kept.unwrap();
    counter.increment(1);
    gauge.set(5);
    histogram.record(1);
    handle.render();
    for _ in 0..3 {
        clock.pass(61);
        assert!(samples(&handle).is_empty());
        clock.pass(1_000_000);
        assert!(samples(&handle).is_empty());
        counter.increment(1);
        gauge.set(5);
        histogram.record(1);
        let back = samples(&handle);
        assert!(
            back.contains(&"g 5".to_owned()) && back.len() == 6,
            "{back:?}"
        );
    }
    record(&recorder, || counter!("c").increment(1));
    assert!(samples(&handle).contains(&"c 5".to_owned()));
}

#[test]
fn a_counter_moves_when_it_grows_and_when_it_is_told_its_total() {
    let (clock, builder) = Clock::builder();
    let recorder = recorder(builder.idle_timeout(Kind::Counter, Duration::from_mins(1)));
    let handle = recorder.handle();
    let by = |amount| record(&recorder, || counter!("by").increment(amount));
    let total = || record(&recorder, || counter!("total").absolute(5));
    by(1);
    total();
    for (amount, expected) in [
        (1, &["by 2", "total 5"][..]),
        (0, &["by 2", "total 5"]),
        (0, &["total 5"]),
        (0, &["total 5"]),
        (3, &["by 5", "total 5"]),
    ] {
        clock.pass(40);
        by(amount);
        total();
        assert_eq!(samples(&handle), expected, "after {amount}");
    }
}

#[test]
fn one_series_is_removed_and_the_others_stay() {
    let recorder = recorder(Builder::new());
    let handle = recorder.handle();
    record(&recorder, || {
        gauge!("g", "a" => "1", "b" => "x").set(1.0);
        gauge!("g", "a" => "2", "b" => "x").set(2.0);
    });
    assert!(handle.remove("g", &[("b", "x"), ("a", "1")]));
    assert!(!handle.remove("g", &[("a", "3")]));
    assert!(!handle.remove("other", &[]));
    assert_eq!(samples(&handle), ["g{a=\"2\",b=\"x\"} 2"]);
    record(&recorder, || gauge!("g", "a" => "1", "b" => "x").set(1.0));
    assert_eq!(samples(&handle).len(), 2);
}

#[test]
fn series_that_are_removed_leave_room_for_others() {
    let recorder = recorder(Builder::new().max_series_per_metric(10));
    let handle = recorder.handle();
    record(&recorder, || {
        for tenant in 0..100 {
            let tenant = tenant.to_string();
            gauge!("load", "tenant" => tenant.clone()).set(1.0);
            assert!(handle.remove("load", &[("tenant", &tenant)]), "{tenant}");
        }
    });
    assert_eq!(rejected(&handle, "too_many_series"), 0);
    assert!(held(&handle) < 10, "{} are held", held(&handle));
}

#[test]
fn gauges_with_nothing_left_to_read_leave_room_for_others() {
    let builder = Builder::new().max_series_per_metric(10);
    let handle = recorder(builder.gauge_patience(Duration::from_mins(1))).handle();
    for tenant in 0..40 {
        let tenant = tenant.to_string();
        handle
            .read_gauge("load", &[("tenant", &tenant)], || None)
            .unwrap();
        assert!(samples(&handle).is_empty());
    }
    assert_eq!(rejected(&handle, "too_many_series"), 0);
    assert!(held(&handle) < 10, "{} are held", held(&handle));
}

#[test]
fn what_was_removed_while_somebody_held_it_leaves_the_memory_when_nobody_does() {
    let recorder = recorder(Builder::new());
    let handle = recorder.handle();
    let mut kept = None;
    record(&recorder, || {
        kept = Some(counter!("c", "tenant" => "1"));
        counter!("c", "tenant" => "2").increment(1);
    });
    let kept = kept.unwrap();
    kept.increment(1);
    assert!(handle.remove("c", &[("tenant", "1")]));
    assert_eq!(held(&handle), 2, "it can come back");
    kept.increment(1);
    assert_eq!(samples(&handle), ["c{tenant=\"1\"} 2", "c{tenant=\"2\"} 1"]);
    assert!(handle.remove("c", &[("tenant", "1")]));
    drop(kept);
    // This thread remembers it until it looks for another one.
    record(&recorder, || counter!("c", "tenant" => "3").increment(1));
    handle.render();
    assert_eq!(held(&handle), 2);
}

#[test]
fn what_was_removed_while_somebody_held_it_leaves_the_memory_a_minute_later_at_most() {
    let (clock, builder) = Clock::builder();
    let recorder = recorder(builder);
    let handle = recorder.handle();
    let mut kept = None;
    record(&recorder, || kept = Some(counter!("c")));
    assert!(handle.remove("c", &[]));
    assert_eq!(held(&handle), 1, "it can come back");
    // This thread remembers it as well, and nothing is recorded meanwhile.
    record(&recorder, || drop(counter!("c")));
    drop(kept);
    clock.pass(60);
    handle.render();
    record(&recorder, || counter!("other").increment(1));
    clock.pass(60);
    handle.render();
    assert_eq!(held(&handle), 1, "the other one");
}

#[test]
fn what_sleeps_while_somebody_holds_it_makes_threads_forget_others_only_once() {
    let (clock, builder) = Clock::builder();
    let recorder = recorder(builder.idle_timeout(Kind::Gauge, Duration::from_secs(1)));
    let handle = recorder.handle();
    record(&recorder, || {
        let _held = (counter!("removed"), gauge!("idle"));
        handle.render();
        clock.pass(2);
        assert!(handle.remove("removed", &[]));
        handle.render();
        let look_up = |text: &Arc<str>| {
            let text = SharedString::from_shared(Arc::clone(text));
            counter!("other", "text" => text.clone()).increment(1);
            gauge!("other_gauge", "text" => text).increment(1);
        };
        // Who remembers has the text of the first one.
        let text = Arc::from("text");
        look_up(&text);
        assert_eq!(Arc::strong_count(&text), 3);
        for _ in 0..3 {
            handle.render();
            look_up(&Arc::from("text"));
            assert_eq!(Arc::strong_count(&text), 3);
        }
    });
}

#[test]
fn a_time_that_is_longer_than_any_clock_counts_is_no_short_one() {
    const DAY: u64 = 24 * 60 * 60;
    for days in [498, 500, 10_000, u64::MAX / DAY] {
        let (clock, builder) = Clock::builder();
        let timeout = Duration::from_secs(days * DAY);
        let recorder = recorder(builder.idle_timeout(Kind::Gauge, timeout));
        let handle = recorder.handle();
        record(&recorder, || gauge!("g").set(1.0));
        for _ in 0..400 {
            handle.render();
            clock.pass(DAY);
        }
        assert_eq!(samples(&handle), ["g 1"], "{days} days");
    }
}
