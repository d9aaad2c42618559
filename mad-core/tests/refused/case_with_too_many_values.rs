use mad_core::self_test;

#[self_test(case(small, 1, 2))]
fn check(_number: u32) {}

fn main() {}
