use mad_core::health_check;

#[health_check(timeout = , every = "10s")]
fn check() {}

fn main() {}
