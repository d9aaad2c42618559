//! A function that is measured is the function that it was: nothing of its body is another's business.

#![deny(warnings, unused)]

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use mad_core::measured;

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = RefCell::default();
}

/// Says when it is dropped.
struct Told(&'static str);

impl Drop for Told {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

fn dropped() -> Vec<&'static str> {
    DROPPED.with_borrow_mut(std::mem::take)
}

fn now<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

impl Told {
    const fn see(&self) {
        _ = self.0;
    }

    const fn rename(&mut self, name: &'static str) {
        self.0 = name;
    }

    #[measured]
    fn with(self, mut second: Self, text: &str, _unused: Self) -> usize {
        second.rename("second");
        self.see();
        text.len()
    }
}

struct Pair {
    left: Told,
    right: Told,
}

#[measured]
fn parts(pair: Pair, third: Told, inlined: u8) -> String {
    let _local = Told("local");
    pair.right.see();
    third.see();
    pair.left.see();
    format!("{inlined}")
}

#[measured]
async fn waits(first: Told, second: Told, is_long: bool, _third: Told) {
    second.see();
    if is_long {
        std::future::pending::<()>().await;
    }
    first.see();
}

#[measured]
#[expect(
    unused_variables,
    clippy::needless_pass_by_value,
    reason = "it is said of a measured function, too"
)]
fn takes_apart(first: Told, (left, right): (Told, Told), _: Told, unused: Told, last: Told) {
    let _local = Told("local");
    first.see();
    right.see();
    left.see();
    last.see();
}

#[test]
fn what_has_no_name_that_is_used_is_dropped_too_and_changes_nothing_for_what_has_one() {
    let parts = (Told("left"), Told("right"));
    takes_apart(
        Told("first"),
        parts,
        Told("_"),
        Told("unused"),
        Told("last"),
    );
    let mut dropped = dropped();
    let named = |name: &&str| ["local", "first", "last"].contains(name);
    let of_named: Vec<_> = dropped.iter().copied().filter(named).collect();
    assert_eq!(of_named, ["local", "last", "first"]);
    dropped.sort_unstable();
    assert_eq!(
        dropped,
        ["_", "first", "last", "left", "local", "right", "unused"]
    );
}

#[test]
fn parameters_whose_names_are_used_are_dropped_in_the_order_in_which_a_function_drops_them() {
    assert_eq!(Told("self").with(Told("_"), "ab", Told("third")), 2);
    assert_eq!(dropped(), ["third", "second", "self"]);
    let pair = Pair {
        left: Told("left"),
        right: Told("right"),
    };
    assert_eq!(parts(pair, Told("third"), 1), "1");
    assert_eq!(dropped(), ["local", "third", "left", "right"]);
    for is_long in [false, true] {
        _ = now(waits(Told("first"), Told("second"), is_long, Told("third")));
        assert_eq!(dropped(), ["third", "second", "first"]);
    }
}

/// The attributes of a body are those of its function.
#[measured]
fn has_inner_attributes() -> u8 {
    #![expect(unused_variables, reason = "it is what is allowed here")]
    let nobody_asks = 1;
    2
}

#[measured]
async fn has_inner_attributes_too() -> u8 {
    #![expect(unused_variables, reason = "it is what is allowed here")]
    let nobody_asks = 1;
    2
}

#[test]
fn a_body_may_begin_with_attributes() {
    assert_eq!(
        (has_inner_attributes(), now(has_inner_attributes_too())),
        (2, Some(2))
    );
}

/// On one line, which the compiler would find superfluous braces around.
#[rustfmt::skip]
mod short {
    #[mad_core::measured]
    pub(super) fn value() -> Result<u8, u8> { Err(1) }

    #[mad_core::measured]
    pub(super) async fn later() -> Result<u8, u8> { Err(1) }

    macro_rules! from_block {
        ($name:ident, $body:block) => {
            #[mad_core::measured]
            pub(super) async fn $name() -> u8 $body
        };
    }
    from_block!(from_block, { 1 });
}

#[test]
fn a_body_on_one_line_gets_no_warning() {
    assert_eq!(short::value(), Err(1));
    assert_eq!(now(short::later()), Some(Err(1)));
    assert_eq!(now(short::from_block()), Some(1));
}

/// Traits of which everything is one, with methods of any name.
mod methods_for_everything {
    #[expect(dead_code, reason = "it is in the way")]
    trait Greedy: Sized {
        fn finish(&self, _: u8) {}
        fn begin(self) {}
        fn handle(self) {}
    }

    impl<T> Greedy for T {}

    #[mad_core::measured]
    pub(super) fn value() -> u8 {
        1
    }

    #[mad_core::measured]
    pub(super) fn result() -> Result<u8, u8> {
        Ok(1)
    }
}

#[test]
fn methods_that_everything_has_are_not_in_the_way() {
    assert_eq!(methods_for_everything::value(), 1);
    assert_eq!(methods_for_everything::result(), Ok(1));
}
