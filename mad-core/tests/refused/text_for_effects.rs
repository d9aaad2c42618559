use mad_core::self_test;

#[self_test(effects = "read")]
fn check() {}

fn main() {}
