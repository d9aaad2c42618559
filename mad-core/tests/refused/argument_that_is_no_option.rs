use mad_core::health_check;

#[health_check("10s")]
fn check() {}

fn main() {}
