use mad_core::health_check;

#[health_check(timeuot = "2s")]
fn check() {}

fn main() {}
