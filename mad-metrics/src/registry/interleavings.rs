//! Somebody counts while a series that was idle goes, in every order.

use std::time::{Duration, Instant};

use loom::thread;
use metrics::Key;

use super::*;
use crate::builder::Builder;
use crate::sync::{Arc, in_every_order};
use crate::view::{self, Sample, Visitor};

/// What a page would say of the counter.
#[derive(Default)]
struct Shown(Vec<u64>);

impl Visitor for Shown {
    fn family(&mut self, family: &view::Family<'_>) -> bool {
        family.name() == "c"
    }

    fn sample(&mut self, _: &view::Family<'_>, sample: &Sample<'_>) {
        if let view::Value::Number {
            number: view::Number::Integer(count),
            ..
        } = sample.value
        {
            self.0.push(count);
        }
    }
}

fn shown(registry: &Registry) -> Vec<u64> {
    let mut shown = Shown::default();
    registry.show(&mut shown);
    shown.0
}

const KEY: Key = Key::from_static_name("c");

/// A registry with a counter that nobody holds, and that is idle at the next look.
fn registry() -> Arc<Registry> {
    let start = Instant::now();
    let looks = AtomicU64::new(0);
    let clock = move || start + Duration::from_secs(100 * looks.fetch_add(1, Relaxed));
    let builder = Builder::new()
        .idle_timeout(view::Kind::Counter, Duration::from_secs(1))
        .clock(clock);
    let registry = builder.registry().expect("the settings make sense");
    registry
        .series::<Counter>(&KEY, None)
        .expect("there is room");
    registry.sweep();
    Arc::new(registry)
}

fn count(registry: &Registry) {
    let series = registry
        .series::<Counter>(&KEY, None)
        .expect("there is room");
    series.touch().add(1);
}

#[test]
fn what_is_counted_while_a_series_goes_is_on_the_next_page() {
    in_every_order(|| {
        let registry = registry();
        let other = Arc::clone(&registry);
        let writer = thread::spawn(move || count(&other));
        registry.sweep();
        writer.join().unwrap();
        assert_eq!(shown(&registry), [1]);
    });
}

#[test]
fn a_handle_that_is_kept_while_its_series_goes_brings_it_back() {
    in_every_order(|| {
        let registry = registry();
        let kept = registry
            .series::<Counter>(&KEY, None)
            .expect("there is room");
        let writer = thread::spawn(move || {
            kept.touch().add(1);
            kept
        });
        registry.sweep();
        let kept = writer.join().unwrap();
        assert_eq!(shown(&registry), [1]);
        count(&registry);
        drop(kept);
        assert_eq!(shown(&registry), [2]);
    });
}

#[test]
fn two_who_ask_for_a_new_series_get_the_same() {
    in_every_order(|| {
        let registry = Arc::new(Builder::new().registry().expect("the settings make sense"));
        let other = Arc::clone(&registry);
        let writer = thread::spawn(move || count(&other));
        count(&registry);
        writer.join().unwrap();
        assert_eq!(shown(&registry), [2]);
    });
}
