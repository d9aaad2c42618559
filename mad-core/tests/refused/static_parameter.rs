use mad_core::health_check;

#[health_check]
fn for_ever(_pool: &'static String) {}

fn main() {}
