//! The works that are timed.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::clock::thread_time;
use crate::own_core::has_core;
use crate::peer::{Peer, route};
use crate::side_by_side::side_by_side;

/// How often a short work is done for one figure, and how many figures there are; the least counts.
const TIMES: usize = 200_000;
const ROUNDS: usize = 7;

/// How often it is done by each of two threads: a round must end before somebody else wants a core.
const TIMES_SIDE_BY_SIDE: usize = 100_000;

/// How many routes a program has whose labels are not constant.
const ROUTES: usize = 16;

/// Times all works of a peer.
pub fn measure_all<P: Peer>() {
    let peer = P::new();
    let print = |work: &str, value: f64| println!("{work}\t{value:.3}");
    for work in SHORT {
        if P::can(work) {
            print(
                &format!("{work}, ns"),
                least(ROUNDS, || timed(&peer, work, TIMES)),
            );
        }
    }
    for work in SHORT {
        if P::can(work)
            && *work != "timer"
            && let Some(value) = side_by_side(|_| timed(&peer, work, TIMES_SIDE_BY_SIDE))
        {
            print(&format!("{work}, 2 threads, ns"), value);
        }
    }
    if P::can("distinct")
        && let Some(value) = side_by_side(|thread| distinct(&peer, thread))
    {
        print("increment, 2 threads, a series each, ns", value);
    }
    for (count, name) in [(1_000, "1k"), (10_000, "10k"), (100_000, "100k")] {
        counters::<P>(count, name);
    }
    for (count, name) in [(1_000, "1k"), (10_000, "10k")] {
        histograms::<P>(count, name);
    }
}

/// Does a work so many times.
pub fn repeat<P: Peer>(work: &str, times: usize) {
    let peer = P::new();
    match work {
        "page of counters" => {
            for id in 0..1_000 {
                P::increment(&peer.counter(id));
            }
            for _ in 0..times {
                black_box(peer.page());
            }
        }
        _ => {
            timed(&peer, work, times);
        }
    }
}

const SHORT: &[&str] = &[
    "increment",
    "static look-up",
    "dynamic look-up",
    "histogram",
    "timer",
];

/// Returns the nanoseconds of this thread for one time.
fn timed<P: Peer>(peer: &P, work: &str, times: usize) -> f64 {
    let routes: Vec<String> = (0..ROUTES).map(route).collect();
    let elapsed = match work {
        "increment" => {
            let counter = peer.counter(0);
            each(times, |_| P::increment(black_box(&counter)))
        }
        "static look-up" => each(times, |_| peer.look_up_static()),
        "dynamic look-up" => each(times, |n| peer.look_up_dynamic(&routes[n % ROUTES])),
        "histogram" => {
            let histogram = peer.histogram(0);
            each(times, |n| {
                P::record(black_box(&histogram), (n % 512) as f64 / 100.0)
            })
        }
        "timer" => {
            let histogram = peer.histogram(0);
            each(times, |_| {
                let start = Instant::now();
                P::record(&histogram, black_box(start).elapsed().as_secs_f64());
            })
        }
        _ => panic!("no work of this name"),
    };
    elapsed.as_nanos() as f64 / times as f64
}

#[inline]
fn each(times: usize, mut work: impl FnMut(usize)) -> Duration {
    let start = thread_time();
    for n in 0..times {
        work(n);
    }
    thread_time() - start
}

fn distinct<P: Peer>(peer: &P, thread: usize) -> f64 {
    let counter = peer.counter(thread);
    let elapsed = each(TIMES_SIDE_BY_SIDE, |_| P::increment(black_box(&counter)));
    elapsed.as_nanos() as f64 / TIMES_SIDE_BY_SIDE as f64
}

fn counters<P: Peer>(count: usize, name: &str) {
    if !P::can("page of counters") {
        return;
    }
    let peer = P::new();
    let created = each(count, |id| P::increment(&peer.counter(id)));
    if name == "100k" && P::can("creation") {
        println!(
            "creation, ns\t{:.3}",
            created.as_nanos() as f64 / count as f64
        );
    }
    let page = black_box(peer.page());
    assert!(page.len() >= count * 40, "a page of {} bytes", page.len());
    println!("page of {name} counters, ms\t{:.4}", page_time(&peer));
    if name == "100k" && P::can("stall") {
        stall(&peer);
    }
}

fn histograms<P: Peer>(count: usize, name: &str) {
    if !P::can("page of histograms") {
        return;
    }
    let peer = P::new();
    for id in 0..count {
        let histogram = peer.histogram(id);
        for n in 0..20 {
            P::record(&histogram, f64::from(n) * 0.31);
        }
    }
    println!("page of {name} histograms, ms\t{:.4}", page_time(&peer));
}

fn page_time<P: Peer>(peer: &P) -> f64 {
    black_box(peer.page());
    least(ROUNDS, || {
        each(1, |_| drop(black_box(peer.page()))).as_secs_f64() * 1e3
    })
}

/// The longest that a look-up takes while a page is made, beside the longest while none is.
fn stall<P: Peer>(peer: &P) {
    let longest = |makes_pages: bool| {
        let is_done = AtomicBool::new(false);
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut longest = Duration::ZERO;
                let mut n = 0;
                while !is_done.load(Ordering::Relaxed) {
                    let route = route(n % ROUTES);
                    let start = Instant::now();
                    peer.look_up_dynamic(&route);
                    longest = longest.max(start.elapsed());
                    n += 1;
                }
                longest
            });
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(300) {
                if makes_pages {
                    black_box(peer.page());
                } else {
                    thread::sleep(Duration::from_millis(5));
                }
            }
            is_done.store(true, Ordering::Relaxed);
            writer.join().expect("no panic")
        })
    };
    // Others use the machine: a long stall that is not there each time is not the peer's.
    println!(
        "longest look-up beside pages, µs\t{:.1}",
        least(5, || longest(true).as_secs_f64() * 1e6)
    );
    println!(
        "longest look-up without, µs\t{:.1}",
        least(5, || longest(false).as_secs_f64() * 1e6)
    );
}

/// Returns the least of some rounds, of which as many are to be while the thread has a core to itself as one has the
/// patience for.
fn least(rounds: usize, mut measure: impl FnMut() -> f64) -> f64 {
    const PATIENCE: Duration = Duration::from_secs(2);
    let start = Instant::now();
    let (mut least, mut with_core) = (f64::INFINITY, 0);
    while with_core < rounds && (start.elapsed() < PATIENCE || least.is_infinite()) {
        least = least.min(measure());
        with_core += usize::from(has_core());
    }
    least
}
