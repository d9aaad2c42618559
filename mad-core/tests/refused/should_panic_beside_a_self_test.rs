use mad_core::self_test;

#[self_test]
#[should_panic]
fn check() {}

fn main() {}
