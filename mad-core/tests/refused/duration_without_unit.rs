use mad_core::health_check;

#[health_check(timeout = "30")]
fn check() {}

fn main() {}
