use mad_core::self_test;

#[self_test(unit_test = false, case(small, "one"))]
fn check(_number: u32) {}

fn main() {}
