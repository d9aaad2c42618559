use mad_core::self_test;

#[self_test(case(small, 1, 2), case(large, 3))]
fn check(_left: u32, _right: u32) {}

fn main() {}
