use mad_core::health_check;

#[health_check(name = "Order Database {}")]
fn check() {}

fn main() {}
