use mad_core::health_check;

#[health_check(effects = read)]
fn check() {}

fn main() {}
