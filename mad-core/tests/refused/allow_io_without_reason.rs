use mad_core::health_check;

#[health_check(liveness, io, allow_io)]
fn check() {}

fn main() {}
