//! Threads meet at a counter that becomes striped, and somebody reads it, in every order.

use loom::thread;

use super::{Blocks, Counter};
use crate::sync::{Arc, in_every_order};

#[test]
fn nothing_is_lost_and_nothing_counted_twice_when_threads_meet() {
    in_every_order(|| {
        let counter = Arc::new(Counter::new(Blocks::new().place()));
        let other = Arc::clone(&counter);
        let writer = thread::spawn(move || {
            other.add(1);
            other.add(10);
        });
        counter.add(100);
        writer.join().unwrap();
        assert_eq!(counter.value(), 111);
    });
}

#[test]
fn who_reads_twice_never_sees_a_counter_shrink() {
    in_every_order(|| {
        let counter = Arc::new(Counter::new(Blocks::new().place()));
        let writers = [1, 10].map(|amount| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || counter.add(amount))
        });
        let (first, second) = (counter.value(), counter.value());
        assert!(first <= second && second <= 11, "{first}, then {second}");
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(counter.value(), 11);
    });
}

#[test]
fn a_total_from_elsewhere_is_reached_beside_those_who_count() {
    in_every_order(|| {
        let counter = Arc::new(Counter::new(Blocks::new().place()));
        let other = Arc::clone(&counter);
        let writer = thread::spawn(move || other.add(1));
        counter.raise(5);
        assert!(counter.value() >= 5);
        writer.join().unwrap();
        assert!((5..=6).contains(&counter.value()));
    });
}
