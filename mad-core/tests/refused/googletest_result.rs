use googletest::prelude::*;
use mad_core::self_test;

#[self_test]
fn check() -> googletest::Result<()> {
    verify_that!(1, eq(1))
}

fn main() {}
