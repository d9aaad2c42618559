use mad_core::health_check;

#[health_check(tags(), after())]
fn check() {}

fn main() {}
