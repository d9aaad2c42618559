use mad_core::health_check;

#[health_check(case(small, 1))]
fn check() {}

fn main() {}
