use mad_core::health_check;

#[health_check]
fn takes_apart((_left, _right): &(u32, u32)) {}

fn main() {}
