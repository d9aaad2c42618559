use mad_core::self_test;
use rstest::rstest;

#[rstest]
#[self_test(effects = pure)]
fn check() {}

fn main() {}
