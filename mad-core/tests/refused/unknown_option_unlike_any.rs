use mad_core::health_check;

#[health_check(colour = "red")]
fn check() {}

fn main() {}
