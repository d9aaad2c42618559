use mad_core::health_check;

#[health_check]
fn text(_name: &str) {}

fn main() {}
