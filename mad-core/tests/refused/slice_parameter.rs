use mad_core::health_check;

#[health_check]
fn slice(_names: &[String]) {}

fn main() {}
