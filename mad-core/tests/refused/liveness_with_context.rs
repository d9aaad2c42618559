use mad_core::health_check;

#[health_check(liveness, readiness)]
fn check(_pool: &String) {}

fn main() {}
