use mad_core::health_check;

#[health_check(critical = "no")]
fn check() {}

fn main() {}
