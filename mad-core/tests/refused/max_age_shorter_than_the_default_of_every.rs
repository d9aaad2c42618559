use mad_core::health_check;

#[health_check(max_age = "5s")]
fn check() {}

fn main() {}
