use mad_core::health_check;

#[health_check(timeout = "30s1m")]
fn check() {}

fn main() {}
