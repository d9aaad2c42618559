use mad_core::self_test;

#[self_test(case(small, 1))]
fn check(_pool: &String, _number: u32) {}

fn main() {}
