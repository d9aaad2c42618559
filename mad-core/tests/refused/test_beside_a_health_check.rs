use mad_core::health_check;

#[health_check]
#[test]
fn check() {}

fn main() {}
