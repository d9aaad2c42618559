use mad_core::health_check;

#[health_check(timeout)]
fn check() {}

fn main() {}
