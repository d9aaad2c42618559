//! Two engines come to a check that runs once, in every order.

use std::sync::Arc;

use super::Begun;
use crate::sync::{in_every_order, thread};

#[test]
fn of_two_that_begin_it_at_once_one_does() {
    in_every_order(|| {
        let begun = Arc::new(Begun::default());
        let begin = |begun: &Begun| begun.note(("migrate".to_owned(), "main.rs", 7));
        let other = {
            let begun = Arc::clone(&begun);
            thread::spawn(move || begin(&begun))
        };
        let is_first = begin(&begun);
        assert_ne!(is_first, other.join().unwrap());
    });
}
