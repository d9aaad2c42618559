use mad_core::health_check;

#[health_check(readiness, allow_io = "reasons")]
fn check() {}

fn main() {}
