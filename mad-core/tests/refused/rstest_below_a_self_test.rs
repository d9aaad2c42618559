use mad_core::self_test;

#[self_test(effects = pure)]
#[rstest::rstest]
#[case(1)]
fn check(#[case] _number: u32) {}

fn main() {}
