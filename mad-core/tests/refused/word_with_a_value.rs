use mad_core::health_check;

#[health_check(readiness = true)]
fn check() {}

fn main() {}
