//! Gauges that are read when a page is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use mad_metrics::{Builder, Handle};

use crate::page::{recorder, samples};

const NONE: &[(&str, &str)] = &[];

/// Long enough for a busy machine, which writes a panic's backtrace meanwhile.
const PATIENCE: Duration = Duration::from_mins(1);

fn handle(patience: Duration) -> Handle {
    recorder(Builder::new().gauge_patience(patience)).handle()
}

#[test]
fn a_gauge_is_read_for_each_page() {
    let handle = handle(PATIENCE);
    let pages = AtomicU64::new(0);
    #[expect(clippy::cast_precision_loss, reason = "there are few pages")]
    let read = move || Some(pages.fetch_add(1, Ordering::Relaxed) as f64);
    handle
        .read_gauge("pages", &[("of", "this test")], read)
        .unwrap();
    for n in 0..3 {
        assert_eq!(samples(&handle), [format!("pages{{of=\"this test\"}} {n}")]);
    }
}

#[test]
fn one_that_hangs_is_not_shown_and_holds_no_page_for_long() {
    let patience = Duration::from_millis(50);
    let handle = handle(patience);
    let (end, hangs) = channel::<()>();
    let hangs = parking_lot::Mutex::new(hangs);
    handle.read_gauge("first", NONE, || Some(1.0)).unwrap();
    let hang = move || {
        _ = hangs.lock().recv();
        Some(2.0)
    };
    handle.read_gauge("second", NONE, hang).unwrap();
    assert!(!samples(&handle).contains(&"second 2".to_owned()));
    // Nobody waits again for what hangs, and nothing old is shown.
    let start = Instant::now();
    for _ in 0..100 {
        assert!(samples(&handle).is_empty());
    }
    assert!(start.elapsed() < patience * 100);
    drop(end);
    let deadline = Instant::now() + Duration::from_secs(30);
    while samples(&handle).len() < 2 {
        assert!(Instant::now() < deadline, "it never comes back");
    }
}

#[test]
fn one_that_panics_costs_nothing_but_itself() {
    let handle = handle(PATIENCE);
    handle
        .read_gauge("bad", NONE, || panic!("on purpose"))
        .unwrap();
    handle.read_gauge("good", NONE, || Some(1.0)).unwrap();
    assert_eq!(samples(&handle), ["good 1"]);
}

#[test]
fn one_with_nothing_left_to_read_goes() {
    let handle = handle(PATIENCE);
    let source = Arc::new(());
    let weak = Arc::downgrade(&source);
    handle
        .read_gauge("g", NONE, move || weak.upgrade().map(|_| 1.0))
        .unwrap();
    assert_eq!(samples(&handle), ["g 1"]);
    drop(source);
    assert!(samples(&handle).is_empty());
}

#[test]
fn the_last_way_to_read_a_gauge_holds() {
    let handle = handle(PATIENCE);
    handle.read_gauge("g", NONE, || Some(1.0)).unwrap();
    handle.read_gauge("g", NONE, || Some(2.0)).unwrap();
    assert_eq!(samples(&handle), ["g 2"]);
}
