use mad_core::self_test;

#[self_test(case(1, 2), case())]
fn check(_left: u32, _right: u32) {}

fn main() {}
