use mad_core::health_check;

#[health_check(liveness, io)]
fn check() {}

fn main() {}
