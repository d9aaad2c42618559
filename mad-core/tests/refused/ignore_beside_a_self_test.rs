use mad_core::self_test;

#[self_test]
#[ignore = "not today"]
fn check() {}

fn main() {}
