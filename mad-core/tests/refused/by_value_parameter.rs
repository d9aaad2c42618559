use mad_core::health_check;

#[health_check]
fn owned(_pool: String) {}

fn main() {}
