use mad_core::health_check;

#[health_check(crate = ::monitoring)]
fn check() {}

fn main() {}
