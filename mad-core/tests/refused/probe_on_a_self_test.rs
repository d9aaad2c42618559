use mad_core::self_test;

#[self_test(readiness)]
fn check() {}

fn main() {}
