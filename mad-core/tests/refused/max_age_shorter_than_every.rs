use mad_core::health_check;

#[health_check(every = "1m", max_age = "30s")]
fn check() {}

fn main() {}
