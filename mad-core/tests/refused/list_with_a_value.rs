use mad_core::health_check;

#[health_check(tags = "db")]
fn check() {}

fn main() {}
