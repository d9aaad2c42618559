use mad_core::self_test;

#[self_test]
#[test]
fn check() {}

fn main() {}
