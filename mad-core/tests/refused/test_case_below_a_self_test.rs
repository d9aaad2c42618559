use mad_core::self_test;
use test_case::test_case;

#[self_test(effects = pure)]
#[test_case(1)]
fn check(_number: u32) {}

fn main() {}
