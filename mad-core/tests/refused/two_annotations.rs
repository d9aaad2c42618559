use mad_core::{health_check, self_test};

#[health_check]
#[self_test]
fn check() {}

fn main() {}
