use mad_core::health_check;

#[health_check(timeout("2s"))]
fn check() {}

fn main() {}
