use mad_core::health_check;

#[health_check(timeout = 2)]
fn check() {}

fn main() {}
