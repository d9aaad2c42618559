use mad_core::self_test;

#[self_test(effects = pure, case(one, 1))]
fn check(#[values(1, 2)] _number: u32) {}

fn main() {}
