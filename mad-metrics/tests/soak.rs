//! Four threads record without a pause, labels come and go, and pages are made all the while.
//!
//! `MAD_SOAK_SECONDS` says for how long, instead of two seconds; `cargo xtask soak` takes ten minutes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mad_metrics::view::Kind;
use mad_metrics::{Builder, Handle, Recorder};
use metrics::{counter, gauge, histogram, with_local_recorder};

const WRITERS: u64 = 4;
const BETWEEN_PAGES: Duration = Duration::from_millis(100);
const IDLE: Duration = Duration::from_millis(300);

fn duration() -> Duration {
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever starts the test says how long it is"
    )]
    let seconds = std::env::var("MAD_SOAK_SECONDS").ok();
    let seconds = seconds.map_or(2, |text| {
        text.parse().expect("MAD_SOAK_SECONDS is a number")
    });
    Duration::from_secs(seconds)
}

/// Records until it is told to stop; returns how often.
fn write(recorder: &Recorder, thread: u64, is_over: &AtomicBool) -> u64 {
    with_local_recorder(recorder, || {
        let kept = counter!("kept_total");
        let mut times = 0;
        while !is_over.load(Ordering::Relaxed) {
            kept.increment(1);
            counter!("looked_up_total", "kind" => "constant").increment(2);
            counter!("by_thread_total", "thread" => thread.to_string()).increment(1);
            histogram!("wait_seconds").record(0.25);
            // Each comes a few times and never again.
            let passing = format!("{thread}-{}", times / 50);
            counter!("passing_total", "id" => passing.clone()).increment(1);
            gauge!("passing", "id" => passing).set(1.0);
            times += 1;
        }
        times
    })
}

/// Looks at page after page; returns the most memory of the second half, and of all before.
fn watch(handle: &Handle, end: Instant) -> (usize, usize) {
    let start = Instant::now();
    let half = start + (end - start) / 2;
    let (mut early, mut late) = (0, 0);
    let mut seen = HashMap::new();
    while Instant::now() < end {
        let page = handle.render();
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let (series, value) = line.rsplit_once(' ').expect("a sample has a value");
            let is_steady = ["kept", "looked_up", "by_thread", "wait_seconds"].iter();
            if is_steady.clone().any(|start| series.starts_with(start)) {
                let value: f64 = value.parse().expect("a number");
                let before = seen.insert(series.to_owned(), value).unwrap_or_default();
                assert!(
                    value >= before,
                    "{series} went back from {before} to {value}"
                );
            }
        }
        let held = if Instant::now() < half {
            &mut early
        } else {
            &mut late
        };
        *held = (*held).max(resident_bytes());
        thread::sleep(BETWEEN_PAGES);
    }
    (early, late)
}

#[cfg(target_os = "linux")]
fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    let resident = pages.split(' ').nth(1).expect("the second number");
    resident.parse::<usize>().expect("a number") * 4096
}

#[cfg(not(target_os = "linux"))]
fn resident_bytes() -> usize {
    0
}

fn quarters(count: u64) -> String {
    let rest = ["", ".25", ".5", ".75"][(count % 4) as usize];
    format!("{}{rest}", count / 4)
}

#[test]
fn memory_is_flat_no_counter_goes_back_and_sums_are_exact() {
    let recorder = Builder::new()
        .buckets(&[0.1, 1.0])
        .idle_timeout(Kind::Gauge, IDLE)
        .idle_timeout(Kind::Counter, IDLE)
        .build()
        .expect("the settings make sense");
    let handle = recorder.handle();
    let is_over = AtomicBool::new(false);
    let (times, (early, late)) = thread::scope(|scope| {
        let (recorder, is_over) = (&recorder, &is_over);
        let writers: Vec<_> = (0..WRITERS)
            .map(|thread| scope.spawn(move || write(recorder, thread, is_over)))
            .collect();
        let memory = watch(&handle, Instant::now() + duration());
        is_over.store(true, Ordering::Relaxed);
        let times: Vec<u64> = writers
            .into_iter()
            .map(|writer| writer.join().expect("no writer panics"))
            .collect();
        (times, memory)
    });
    let all: u64 = times.iter().sum();
    let page = handle.render();
    let mut expected = vec![
        format!("kept_total {all}"),
        format!("looked_up_total{{kind=\"constant\"}} {}", 2 * all),
        format!("wait_seconds_bucket{{le=\"1.0\"}} {all}"),
        format!("wait_seconds_count {all}"),
        // A quarter of a second each time: four of them are one.
        format!("wait_seconds_sum {}", quarters(all)),
    ];
    for (thread, times) in times.iter().enumerate() {
        expected.push(format!("by_thread_total{{thread=\"{thread}\"}} {times}"));
    }
    for line in expected {
        assert!(
            page.contains(&format!("{line}\n")),
            "not on the page: {line}"
        );
    }
    // Both halves make the same; what differs is how an allocator rounds.
    let slack = 8 << 20;
    assert!(
        late <= early + early / 4 + slack,
        "from {early} to {late} bytes"
    );
}
