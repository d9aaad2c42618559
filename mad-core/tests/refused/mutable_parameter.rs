use mad_core::health_check;

#[health_check]
fn writes(_pool: &mut String) {}

fn main() {}
