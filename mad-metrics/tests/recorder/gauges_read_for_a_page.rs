//! Gauges that are read when a page is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
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

/// Makes something that hangs until the sender is dropped.
fn hanging() -> (Sender<()>, impl Fn() -> Option<f64> + Send + Sync) {
    let (end, hangs) = channel::<()>();
    let hangs = parking_lot::Mutex::new(hangs);
    let hang = move || {
        _ = hangs.lock().recv();
        Some(2.0)
    };
    (end, hang)
}

/// Waits until a page has these samples and no others.
fn until_samples_are(handle: &Handle, expected: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    while samples(handle) != expected {
        assert!(Instant::now() < deadline, "{:?}", samples(handle));
    }
}

#[test]
fn one_that_hangs_is_not_shown_and_costs_the_others_one_page() {
    let patience = Duration::from_secs(2);
    let handle = handle(patience);
    let (end, hang) = hanging();
    handle.read_gauge("first", NONE, || Some(1.0)).unwrap();
    handle.read_gauge("hangs", NONE, hang).unwrap();
    handle.read_gauge("last", NONE, || Some(3.0)).unwrap();
    assert!(!samples(&handle).contains(&"hangs 2".to_owned()));
    // Nobody waits again for what hangs.
    let start = Instant::now();
    for _ in 0..20 {
        assert_eq!(samples(&handle), ["first 1", "last 3"]);
    }
    assert!(start.elapsed() < patience * 20);
    drop(end);
    until_samples_are(&handle, &["first 1", "hangs 2", "last 3"]);
}

#[test]
fn one_that_is_slow_each_time_costs_the_others_one_page() {
    let handle = handle(Duration::from_secs(2));
    let (begun, begins) = channel();
    let (end, ends) = channel();
    let ends = parking_lot::Mutex::new(ends);
    let slow = move || {
        _ = begun.send(());
        ends.lock().recv().ok()
    };
    handle.read_gauge("slow", NONE, slow).unwrap();
    handle.read_gauge("quick", NONE, || Some(1.0)).unwrap();
    samples(&handle);
    begins.recv().unwrap();
    let assert_quick_is_shown = || {
        let page = samples(&handle);
        assert!(page.contains(&"quick 1".to_owned()), "{page:?}");
    };
    // After this page, no thread is still about to read the slow one for the page before.
    assert_quick_is_shown();
    // It comes back after its page was made, and is slow again on one of the next ones.
    end.send(2.0).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while begins.try_recv().is_err() {
        assert_quick_is_shown();
        assert!(Instant::now() < deadline);
    }
}

#[test]
fn however_many_hang_threads_are_few_and_all_come_back() {
    let handle = handle(Duration::from_millis(1));
    let hanging: Vec<_> = (0..100)
        .map(|n| {
            let (end, hang) = hanging();
            handle
                .read_gauge(&format!("hangs_{n}"), NONE, hang)
                .unwrap();
            end
        })
        .collect();
    for _ in 0..100 {
        assert!(samples(&handle).is_empty());
    }
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = threads.map(|thread| std::fs::read_to_string(thread.path().join("comm")));
    let ours = names.flatten().filter(|name| name == "mad-metrics\n");
    // Other tests have theirs.
    assert!(ours.count() < 80);
    drop(hanging);
    let deadline = Instant::now() + PATIENCE;
    while samples(&handle).len() < 100 {
        assert!(Instant::now() < deadline, "{:?}", samples(&handle));
    }
}

#[test]
fn when_as_many_hang_as_may_one_that_comes_back_is_enough_for_the_others() {
    let handle = handle(Duration::from_millis(10));
    let (begun, begins) = channel();
    let mut ends = Vec::new();
    for n in 0..16 {
        let (begun, (end, hang)) = (begun.clone(), hanging());
        let read = move || {
            _ = begun.send(n);
            hang()
        };
        handle
            .read_gauge(&format!("hangs_{n:02}"), NONE, read)
            .unwrap();
        ends.push((n, end));
    }
    handle.read_gauge("other", NONE, || Some(1.0)).unwrap();
    let mut hanging = Vec::new();
    while hanging.len() < 16 {
        assert!(samples(&handle).is_empty());
        hanging.extend(begins.try_iter());
    }
    // Now somebody has waited for the last one, too.
    assert!(samples(&handle).is_empty());
    let last = hanging.pop();
    let back = hanging.pop();
    ends.retain(|(n, _)| Some(*n) != back);
    let back = back.map(|n| format!("hangs_{n:02} 2")).unwrap();
    until_samples_are(&handle, &[&back, "other 1"]);
    ends.retain(|(n, _)| Some(*n) == last);
    let all_but_last = (0..16).filter(|n| Some(*n) != last);
    let all_but_last: Vec<_> = all_but_last.map(|n| format!("hangs_{n:02} 2")).collect();
    let mut expected: Vec<_> = all_but_last.iter().map(String::as_str).collect();
    expected.push("other 1");
    until_samples_are(&handle, &expected);
}

#[test]
fn one_that_has_a_page_made_does_not_wait_for_itself() {
    let handle = handle(PATIENCE);
    let inner = handle.clone();
    let read = move || {
        inner.render();
        Some(1.0)
    };
    handle.read_gauge("g", NONE, read).unwrap();
    handle.read_gauge("other", NONE, || Some(2.0)).unwrap();
    for _ in 0..3 {
        assert_eq!(samples(&handle), ["g 1", "other 2"]);
    }
}

/// Has another gauge removed when it goes.
struct Last(Handle);

impl Drop for Last {
    fn drop(&mut self) {
        self.0.remove("other", NONE);
    }
}

#[test]
fn what_a_reading_holds_may_come_back_to_the_recorder_when_it_goes() {
    let handle = handle(PATIENCE);
    let read_with_last = |name: &str, value: Option<f64>| {
        let last = Last(handle.clone());
        let read = move || {
            last.0.reads_gauges();
            value
        };
        handle.read_gauge(name, NONE, read).unwrap();
        handle.read_gauge("other", NONE, || Some(2.0)).unwrap();
    };
    read_with_last("removed", Some(1.0));
    assert_eq!(samples(&handle), ["other 2", "removed 1"]);
    assert!(handle.remove("removed", NONE));
    assert!(samples(&handle).is_empty());
    read_with_last("replaced", Some(1.0));
    handle.read_gauge("replaced", NONE, || Some(3.0)).unwrap();
    assert_eq!(samples(&handle), ["replaced 3"]);
    read_with_last("ends", None);
    until_samples_are(&handle, &["replaced 3"]);
}

#[test]
fn one_that_is_removed_is_no_longer_read_even_while_it_is() {
    let handle = handle(PATIENCE);
    handle.read_gauge("g", &[("a", "b")], || Some(1.0)).unwrap();
    let (begun, begins) = channel::<()>();
    let (end, hang) = hanging();
    let read = move || {
        _ = begun.send(());
        hang()
    };
    handle.read_gauge("hangs", NONE, read).unwrap();
    assert!(handle.remove("g", &[("a", "b")]));
    std::thread::scope(|scope| {
        let page = scope.spawn(|| samples(&handle));
        begins.recv().unwrap();
        assert!(handle.remove("hangs", NONE));
        drop(end);
        assert!(page.join().unwrap().is_empty());
    });
    assert!(samples(&handle).is_empty());
    assert!(!handle.reads_gauges());
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
