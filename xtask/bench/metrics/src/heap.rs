//! What is on the heap.

use crate::peer::Peer;

#[cfg(not(feature = "heap"))]
pub fn measure<P: Peer>() {
    panic!("built without the feature `heap`");
}

#[cfg(feature = "heap")]
pub fn measure<P: Peer>() {
    const COUNTERS: usize = 100_000;
    const HISTOGRAMS: usize = 10_000;
    let heap = &crate::HEAP;
    let held = || heap.current_usage();
    let peer = P::new();
    // What is made once, and what the page itself brings, is not counted.
    P::increment(&peer.counter(COUNTERS));
    let empty_page = peer.page().len();
    let before = held();
    if P::can("heap per counter, bytes") {
        for id in 0..COUNTERS {
            P::increment(&peer.counter(id));
        }
        // Lists are put in order when they are first read.
        let page = peer.page();
        let len = page.len() - empty_page;
        drop(page);
        println!("heap per counter, bytes\t{}", (held() - before) / COUNTERS);
        let at_rest = held();
        heap.reset_peak_usage();
        let page = peer.page();
        let peak = heap.peak_usage() - at_rest;
        drop(page);
        println!(
            "peak heap of a page of 100k counters, of its size\t{}",
            peak as f64 / len as f64
        );
    }
    if P::can("heap per histogram, bytes") {
        let before = held();
        for id in 0..HISTOGRAMS {
            P::record(&peer.histogram(id), 0.3);
        }
        drop(peer.page());
        println!(
            "heap per histogram of 10 buckets, bytes\t{}",
            (held() - before) / HISTOGRAMS
        );
    }
}
